import { exchange, type WireAnswer, type WireRequest } from './wire.ts'

/**
 * What a right service does. `either`: both are right, but it must answer, and not with a failure
 * of its own.
 */
export type Expected = 'accept' | 'refuse' | 'either'

/**
 * What the service did. `failed`: it answered that something is wrong with itself, or out of shape.
 */
export type Got = 'accepted' | 'refused' | 'failed' | 'no answer'

/** One thing that the vendor's side, the network or a forger may do to a service. */
export interface Fault<Bench> {
  /** In kebab case, unique among the vendor's. */
  readonly name: string
  readonly title: string
  readonly expected: Expected | ((bench: Bench) => Expected)
  /** Why that is right, in one sentence. */
  readonly why: string
  /** What the bench lacks for this fault, which is then skipped. */
  readonly lacks?: (bench: Bench) => string | undefined | Promise<string | undefined>
  /** Sent one after the other; the answer to the last one counts. */
  readonly requests: (bench: Bench) => readonly WireRequest[] | Promise<readonly WireRequest[]>
  /** They are sent at the same time instead. */
  readonly together?: true
  /** Sets the vendor's side to what this fault is about, and back again. */
  readonly around?: {
    readonly before: (bench: Bench) => Promise<void>,
    readonly after: (bench: Bench) => Promise<void>
  }
  /**
   * It is the vendor that does not do its part: 502, 503 and 504 say so, which is no failure of the
   * service.
   */
  readonly vendorFails?: true
  /** The service may refuse this for its content, after the signature was found right. */
  readonly contentMayBeRefused?: true
  /** What is wrong with an answer beside the verdict. */
  readonly complaint?: (answer: WireAnswer, bench: Bench, sent: WireRequest) => string | undefined
}

/** A vendor's faults, and how its services answer. */
export interface Suite<Bench> {
  readonly vendor: string
  readonly faults: ReadonlyArray<Fault<Bench>>
  read(answer: WireAnswer, fault: Fault<Bench>): Got
  /** Why a service may have come to the wrong verdict. */
  explain?(bench: Bench, sent: WireRequest, got: Got): Promise<string | undefined>
}

/** What came of one fault. */
export interface Finding {
  readonly name: string
  readonly title: string
  readonly expected: Expected
  readonly got: Got | 'skipped'
  readonly verdict: 'right' | 'wrong' | 'skipped'
  readonly why: string
  /** The answer in short, or what was missing. */
  readonly text: string
  readonly explanation?: string
  /**
   * The request that counted; no signature in it is worth hiding, for it was made with a key of the
   * lab's.
   */
  readonly sent?: {
    readonly url: string,
    readonly headers: WireRequest['headers'],
    readonly body: string
  }
}

/** Does one fault to the service of the bench. */
export async function runFault<Bench> (
  suite: Suite<Bench>,
  fault: Fault<Bench>,
  bench: Bench
): Promise<Finding> {
  const { name, title, why } = fault
  const expected = typeof fault.expected === 'function' ? fault.expected(bench) : fault.expected
  const card = { name, title, expected, why }
  const lacking = await fault.lacks?.(bench)
  if (lacking !== undefined) return { ...card, got: 'skipped', verdict: 'skipped', text: lacking }
  let done: Done
  try {
    done = await exchanged(fault, bench)
  } catch (error) {
    return { ...card, got: 'failed', verdict: 'wrong', text: (error as Error).message }
  }

  const { sent, answer } = done
  const got = suite.read(answer, fault)
  const complaint = fault.complaint?.(answer, bench, sent)
  const verdict = isRight(expected, got) && complaint === undefined ? 'right' : 'wrong'
  const explanation = verdict === 'right'
    ? undefined
    : complaint ?? await suite.explain?.(bench, sent, got)
  return {
    ...card,
    got,
    verdict,
    text: `${answer.status ?? 'no answer'}: ${short(answer.text)}`,
    ...explanation !== undefined && { explanation },
    sent: { url: sent.url, headers: sent.headers, body: Buffer.from(sent.body).toString() }
  }
}

interface Done {
  sent: WireRequest
  answer: WireAnswer
}

/** The last request and its answer. */
async function exchanged<Bench> (
  { name, requests, together, around }: Fault<Bench>,
  bench: Bench
): Promise<Done> {
  try {
    await around?.before(bench)
    const all = await requests(bench)
    const sent = all.at(-1)
    if (sent === undefined) throw new TypeError(`the fault ${name} sends nothing`)
    const before = all.slice(0, -1)
    if (together === true) {
      return { sent, answer: (await Promise.all([exchange(sent), ...before.map(exchange)]))[0] }
    }
    for (const one of before) await exchange(one)
    return { sent, answer: await exchange(sent) }
  } finally {
    await around?.after(bench)
  }
}

function isRight (expected: Expected, got: Got): boolean {
  switch (expected) {
    case 'accept':
      return got === 'accepted'
    case 'refuse':
      return got === 'refused'
    case 'either':
      return got === 'accepted' || got === 'refused'
  }
}

function short (text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

/** 2xx and 3xx accept, 4xx refuse, and what is 5xx is a failure, unless it is the vendor's. */
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
 * A clock that never shows the same time twice: two requests of one millisecond would be taken for
 * a replay.
 */
export function ticking (now: () => number): () => number {
  let last = 0
  return () => {
    last = Math.max(last + 1, now())
    return last
  }
}
