import { createHmac } from 'node:crypto'
import { equalText } from 'fastify-contact-center/kit'
import { type OpenApiCall, openApiMessage } from 'fastify-contact-center/online-contact'

/** Common mistakes of clients in the signed text. */
const mistakes: Record<string, (call: OpenApiCall) => string> = {
  'the time is not signed': call => openApiMessage(call).slice(0, -call.time.length),
  'the organization id is not signed': call => openApiMessage({ ...call, organizationId: '' }),
  'the body is not signed': call => openApiMessage(omitContent(call)),
  'the parameters are not signed': call => openApiMessage({ ...call, query: {} }),
  'the parameters are signed as name=value': call =>
    openApiMessage({
      ...call,
      query: Object.fromEntries(
        firstValues(call).map(([name, value]) => [name, `${name}=${value}`])
      )
    }),
  'the parameters are signed in the order of the query': (call) => {
    const numbered = firstValues(call).map((
      [, value],
      index
    ) => [String(index).padStart(4, '0'), value])
    return openApiMessage({ ...call, query: Object.fromEntries(numbered) })
  },
  'the query is signed as part of the URI': call =>
    openApiMessage({ ...call, uri: '/', query: {} }).replace(
      '/',
      () => `${call.uri}?${new URLSearchParams(firstValues(call)).toString()}`
    ),
  'the path is not signed': call => openApiMessage({ ...call, uri: '/' }).replace('/', ''),
  'only body and time are signed, as in the customer information API': (
    { body = '', time }
  ) => Buffer.from(body).toString() + time
}

/** The mistake in a call's signature, or undefined. */
export function findSignatureMistake (
  call: OpenApiCall,
  signature: string,
  key: string
): string | undefined {
  const isSigned = (message: string): boolean =>
    equalText(signature, createHmac('sha256', key).update(message).digest('base64'))
  if (!/^[A-Za-z0-9+/]{43}=$/.test(signature)) {
    return 'the signature is not 44 characters of padded base64'
  }
  if (isSigned(openApiMessage(call))) return undefined
  const [mistake] = Object.entries(mistakes).find(([, message]) => isSigned(message(call))) ?? []
  return mistake ?? 'the key or the signed text is different'
}

function firstValues ({ query = {} }: OpenApiCall): Array<[string, string]> {
  return Object.entries(query).map((
    [name, value]
  ) => [name, typeof value === 'string' ? value : value[0] ?? ''])
}

function omitContent ({ body: _body, fileMd5: _file, ...call }: OpenApiCall): OpenApiCall {
  return call
}
