import { explainAnswer } from '../simulators/shared/explain-answer.ts'
import type { Got } from '../simulators/shared/faults.ts'
import type { WireRequest } from '../simulators/shared/wire.ts'
import { type Call, toHeaderLines } from './webhook-calls.ts'
import { type Definition, originOf, deriveOtherKey, derivePublicKey } from './webhook-signing.ts'
import { type WebhookVendorName, webhookVendors } from './webhook-vendors.ts'

/**
 * Explains a wrong verdict. If the service refuses a valid request, retries with the signatures of
 * common client mistakes, where the lab can make them.
 */
export async function explainCall (
  name: WebhookVendorName,
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
  const verificationKeyOf = (signingKey: string): string =>
    isTelnyx ? derivePublicKey(signingKey) : signingKey
  const canRetry = !isTelnyx && name !== 'genesys-audiohook'
  const explanation = got === 'accepted' || canRetry
    ? await explainAnswer(
      {
        scheme,
        diagnosis: createDiagnosis({ publicUrl: originOf(values) }),
        key: verificationKeyOf(key),
        otherKeys: [
          { id: 'another key', secret: verificationKeyOf(deriveOtherKey(name, key)) },
          ...oldKey === '' ? [] : [{ id: 'the old key', secret: verificationKeyOf(oldKey) }]
        ],
        now,
        window: typeof tolerance === 'number'
          ? { pastMs: tolerance, futureMs: tolerance }
          : tolerance,
        replaceSignature: (request, signature) => ({
          ...request,
          headers: request.headers.map(([headerName, value]) => [
            headerName,
            headerName !== header
              ? value
              : name === 'vonage'
              ? value.replace(/[^.]*$/, signature)
              : signature
          ])
        }),
        isAccepted: ({ status }) => status !== null && status >= 200 && status < 300
      },
      toWireRequest(url, call),
      got
    )
    : undefined
  return explanation ?? (got === 'refused' ? `The signature is ${formula}.` : undefined)
}

function toWireRequest (url: string, { headers, body }: Call): WireRequest {
  return {
    method: headers['upgrade'] === undefined ? 'POST' : 'GET',
    url,
    headers: toHeaderLines(headers),
    body: Buffer.from(body)
  }
}
