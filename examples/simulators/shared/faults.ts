import { exchange, type WireAnswer, type WireRequest } from './wire.ts'

/**
 * The correct response. `either`: both are correct, but the service must respond, and not with a
 * server error.
 */
export type Expected = 'accept' | 'refuse' | 'either'

/** The actual response. `failed`: a server error or a malformed response. */
export type Got = 'accepted' | 'refused' | 'failed' | 'no answer'

/** One action of the vendor, the network or a forger. */
export interface Fault<Bench> {
  /** Kebab-case, unique per vendor. */
  readonly name: string
  readonly title: string
  readonly expected: Expected | ((bench: Bench) => Expected)
  /** Why the expected response is correct, in one sentence. */
  readonly why: string
  /** A missing setting, for which the fault is skipped. */
  readonly missingSetting?: (bench: Bench) => string | undefined | Promise<string | undefined>
  /** Sent one after another; the last response counts. */
  readonly requests: (bench: Bench) => readonly WireRequest[] | Promise<readonly WireRequest[]>
  /** Sends them concurrently instead. */
  readonly together?: true
  /** Sets up the simulator for this fault, and resets it. */
  readonly around?: {
    readonly before: (bench: Bench) => Promise<void>,
    readonly after: (bench: Bench) => Promise<void>
  }
  /** The vendor fails: 502, 503 and 504 report that and are not failures of the service. */
  readonly vendorFails?: true
  /** The service may refuse the content after accepting the signature. */
  readonly contentMayBeRefused?: true
  /** A mistake in the response other than the verdict. */
  readonly complaint?: (answer: WireAnswer, bench: Bench, sent: WireRequest) => string | undefined
}

/** A vendor's faults, and how to read its services' responses. */
export interface Suite<Bench> {
  readonly vendor: string
  readonly faults: ReadonlyArray<Fault<Bench>>
  read(answer: WireAnswer, fault: Fault<Bench>): Got
  /** Explains a wrong verdict, unless the status explains it. */
  explain?(
    bench: Bench,
    sent: WireRequest,
    got: Got,
    answer: WireAnswer
  ): Promise<string | undefined>
}

/** The result of one fault. */
export interface Finding {
  readonly name: string
  readonly title: string
  readonly expected: Expected
  readonly got: Got | 'skipped'
  readonly verdict: 'right' | 'wrong' | 'skipped'
  readonly why: string
  /** A summary of the response, or the missing setting. */
  readonly text: string
  readonly explanation?: string
  /** The request that counted. Its signature needs no masking: it uses the lab's key. */
  readonly sent?: {
    readonly url: string,
    readonly headers: WireRequest['headers'],
    readonly body: string
  }
}

/** Applies one fault to the service under test. */
export async function runFault<Bench> (
  suite: Suite<Bench>,
  fault: Fault<Bench>,
  bench: Bench
): Promise<Finding> {
  const { name, title, why } = fault
  const expected = typeof fault.expected === 'function' ? fault.expected(bench) : fault.expected
  const summary = { name, title, expected, why }
  const missing = await fault.missingSetting?.(bench)
  if (missing !== undefined) {
    return { ...summary, got: 'skipped', verdict: 'skipped', text: missing }
  }
  let exchanged: Exchange
  try {
    exchanged = await sendRequests(fault, bench)
  } catch (error) {
    return { ...summary, got: 'failed', verdict: 'wrong', text: (error as Error).message }
  }

  const { sent, answer } = exchanged
  const got = suite.read(answer, fault)
  const complaint = fault.complaint?.(answer, bench, sent)
  const verdict = isCorrect(expected, got) && complaint === undefined ? 'right' : 'wrong'
  const explanation = verdict === 'right'
    ? undefined
    : complaint ?? explainStatus(answer.status, got) ??
      await suite.explain?.(bench, sent, got, answer)
  return {
    ...summary,
    got,
    verdict,
    text: describeAnswer(answer.status, shorten(answer.text)),
    ...explanation !== undefined && { explanation },
    sent: { url: sent.url, headers: sent.headers, body: Buffer.from(sent.body).toString() }
  }
}

interface Exchange {
  sent: WireRequest
  answer: WireAnswer
}

/** The last request and its response. */
async function sendRequests<Bench> (
  { name, requests, together, around }: Fault<Bench>,
  bench: Bench
): Promise<Exchange> {
  try {
    await around?.before(bench)
    const all = await requests(bench)
    const sent = all.at(-1)
    if (sent === undefined) throw new TypeError(`the fault ${name} has no requests`)
    const before = all.slice(0, -1)
    if (together === true) {
      return { sent, answer: (await Promise.all([exchange(sent), ...before.map(exchange)]))[0] }
    }
    for (const request of before) await exchange(request)
    return { sent, answer: await exchange(sent) }
  } finally {
    await around?.after(bench)
  }
}

function isCorrect (expected: Expected, got: Got): boolean {
  switch (expected) {
    case 'accept':
      return got === 'accepted'
    case 'refuse':
      return got === 'refused'
    case 'either':
      return got === 'accepted' || got === 'refused'
  }
}

/** The status and the start of the body, or why there is none. */
export function describeAnswer (status: number | null | undefined, text: string): string {
  return status === null || status === undefined ? `none: ${text}` : `${status}: ${text}`
}

/** Why the service did not even look at a signature, if its status tells. */
export function explainStatus (
  status: number | null | undefined,
  got: Got
): string | undefined {
  if (got === 'accepted') return undefined
  if (status === null || status === undefined) {
    return 'The service closed the connection, or did not answer in time. See its log for an exception.'
  }
  if (status === 404) return 'The service has no such route: check the path of the URL.'
  if (status === 405) {
    return 'The route does not accept this method: check the path of the URL.'
  }
  if (status >= 300 && status < 400) {
    return 'The service redirects, and a vendor does not follow: check the URL, and its last slash.'
  }
  return status >= 500 ? 'The service itself failed: see its log.' : undefined
}

function shorten (text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

/** 2xx and 3xx accept, 4xx refuses, 5xx is a failure unless the vendor caused it. */
export function readStatus ({ status }: WireAnswer, { vendorFails }: { vendorFails?: true }): Got {
  if (status === null) return 'no answer'
  if (status >= 500) {
    return vendorFails === true && status >= 502 && status <= 504
      ? 'refused'
      : 'failed'
  }
  return status >= 400 ? 'refused' : 'accepted'
}

/**
 * A clock that never returns the same time twice: requests of the same millisecond would count as
 * replays.
 */
export function createTickingClock (now: () => number): () => number {
  let last = 0
  return () => {
    last = Math.max(last + 1, now())
    return last
  }
}
