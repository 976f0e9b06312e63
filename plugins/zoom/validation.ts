import { createHmac } from 'node:crypto'
import type { Answer } from '../kit/route/verify.ts'
import type { Received } from '../kit/index.ts'
import type { UrlValidated, UrlValidation } from './schemas.ts'
import type { ZoomInput } from './scheme.ts'

/** The validation request is shorter; larger bodies are not parsed for it. */
const mostBytes = 2048

/** Excludes the colon, so that the answer is never a valid signature of a request. */
const tokenShape = /^[A-Za-z0-9_+/=-]{1,256}$/

/**
 * The answer to `endpoint.url_validation`, or undefined for any other request. Called with verified
 * requests only.
 * @see https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint
 */
export function answerValidation (
  { input: { body } }: Received<ZoomInput>,
  secret: string
): Answer | undefined {
  if (body.length > mostBytes) return undefined
  const text = Buffer.from(body).toString()
  if (!text.includes('endpoint.url_validation')) return undefined
  const plainToken = readPlainToken(text)
  if (plainToken === undefined) return undefined
  const encryptedToken = createHmac('sha256', secret).update(plainToken).digest('hex')
  return { body: { plainToken, encryptedToken } satisfies UrlValidated }
}

function readPlainToken (text: string): string | undefined {
  let value: Partial<UrlValidation> | null
  try {
    value = JSON.parse(text) as Partial<UrlValidation> | null
  } catch {
    return undefined
  }
  if (value?.event !== 'endpoint.url_validation') return undefined
  const token: unknown = value.payload?.plainToken
  return typeof token === 'string' && tokenShape.test(token) ? token : undefined
}
