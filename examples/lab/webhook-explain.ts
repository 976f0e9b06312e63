import { explainAnswer } from '../simulators/shared/explain-answer.ts'
import type { Got } from '../simulators/shared/faults.ts'
import type { WireRequest } from '../simulators/shared/wire.ts'
import { type Call, lines } from './webhook-calls.ts'
import { type Definition, originOf, otherKey, publicHalf } from './webhook-signing.ts'
import { type Name, webhookVendors } from './webhook-vendors.ts'

/**
 * Explains a wrong verdict. If the service refuses a valid request, retries with the signatures of
 * common client mistakes, where the lab can make them.
 */
export async function explainCall (
  name: Name,
  { default: { vendor }, scheme, createDiagnosis }: Definition,
  values: Record<string, string>,
  now: number,
  call: Call,
  got: Got
): Promise<string | undefined> {
  const { header, formula } = webhookVendors[name]
  const { key = '', oldKey = '', url = '' } = values
  const { tolerance = 300_000 } = vendor
  const isTelnyx = name === 'telnyx'
  const secretOf = (one: string): string => isTelnyx ? publicHalf(one) : one
  const isAskedAgain = !isTelnyx && name !== 'genesys-audiohook'
  const explained = got === 'accepted' || isAskedAgain
    ? await explainAnswer(
      {
        scheme,
        diagnosis: createDiagnosis({ publicUrl: originOf(values) }),
        key: secretOf(key),
        otherKeys: [
          { id: 'another key', secret: secretOf(otherKey(name, key)) },
          ...oldKey === '' ? [] : [{ id: 'the old key', secret: secretOf(oldKey) }]
        ],
        now,
        window: typeof tolerance === 'number'
          ? { pastMs: tolerance, futureMs: tolerance }
          : tolerance,
        resign: (request, signature) => ({
          ...request,
          headers: request.headers.map(([one, value]) => [
            one,
            one !== header
              ? value
              : name === 'vonage'
              ? value.replace(/[^.]*$/, signature)
              : signature
          ])
        }),
        isAccepted: ({ status }) => status !== null && status >= 200 && status < 300
      },
      wireOf(url, call),
      got
    )
    : undefined
  return explained ?? (got === 'refused' ? `The signature is ${formula}.` : undefined)
}

function wireOf (url: string, { headers, body }: Call): WireRequest {
  return {
    method: headers['upgrade'] === undefined ? 'POST' : 'GET',
    url,
    headers: lines(headers),
    body: Buffer.from(body)
  }
}
