import { type Diagnosis, explain } from 'fastify-contact-center/explain'
import type { Key } from 'fastify-contact-center'
import type { Scheme } from 'fastify-contact-center/kit'
import { exchange, type WireRequest } from './wire.ts'
import type { Got } from './faults.ts'

export interface Signer<Input> {
  readonly scheme: Scheme<Input>
  readonly diagnosis: Diagnosis<Input>
  readonly key: string
  readonly otherKeys: readonly Key[]
  readonly now: number
  readonly window: { readonly pastMs: number, readonly futureMs: number }
  /** The same request with another signature. */
  replaceSignature: (request: WireRequest, signature: string) => WireRequest
  /** The explanation if no known mistake is found. Default: another key. */
  otherwise?: string | undefined
  isAccepted: (answer: Awaited<ReturnType<typeof exchange>>) => boolean
}

/** More would be a load test. */
const maxProbes = 120

/**
 * Explains a wrong verdict. If the service refused a valid request, retries with the signatures of
 * common mistakes: the accepted one shows what the service computes. If it accepted an invalid
 * request, names the mistake in it.
 */
export async function explainAnswer<Input> (
  signer: Signer<Input>,
  sent: WireRequest,
  got: Got
): Promise<string | undefined> {
  const { scheme, diagnosis, key, otherKeys, now, window } = signer
  if (got === 'failed' || got === 'no answer') return undefined
  try {
    const { input, signature } = diagnosis.extract(httpMessage(sent))
    const { matches, reasons, signedText } = explain(scheme, diagnosis, input, signature, [{
      id: 'the key',
      secret: key
    }], { otherKeys, now, window })
    if (got === 'accepted') {
      return reasons.length === 0
        ? undefined
        : `The service accepted this: ${reasons.map(({ text }) => text).join(' ')}`
    }
    if (!matches || reasons.length > 0) return undefined
    return await probe(signer, sent, input) ?? signer.otherwise ??
      `The signature is right for this key. If your service signs the same text, it has another key. The signed text, with the key masked: ${signedText}`
  } catch {
    // The request cannot be parsed as one of the vendor's.
    return undefined
  }
}

async function probe<Input> (
  { diagnosis, key, replaceSignature: resign, isAccepted }: Signer<Input>,
  sent: WireRequest,
  input: Input
): Promise<string | undefined> {
  const { spelling, prefix = '' } = diagnosis
  const write = (digest: Uint8Array): string => prefix + Buffer.from(digest).toString(spelling)
  // The probes test the signature, not the transport.
  const { pauseMs, ...plain } = sent
  let probes = 0
  for (const { message, text, alone = false } of diagnosis.variants(input, key)) {
    // Too many variants to send to a service.
    if (alone) continue
    if (++probes > maxProbes) break
    const signature = write(diagnosis.digest(message, key))
    if (isAccepted(await exchange(resign(plain, signature)))) {
      return `The service accepts a signature made this way: ${text}`
    }
  }
  return undefined
}

function httpMessage ({ method, url, headers, body }: WireRequest) {
  const { pathname, search } = new URL(url)
  const first = new Map<string, string>()
  for (const [name, value] of headers) {
    if (!first.has(name.toLowerCase())) first.set(name.toLowerCase(), value)
  }
  return { method, target: pathname + search, headers: first, body }
}
