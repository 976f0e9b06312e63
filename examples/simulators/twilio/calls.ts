import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { keepNewest } from '../shared/keep-newest.ts'
import { readInstructions } from './instructions.ts'

/** The final statuses of a call. */
export const finalStatuses = ['completed', 'no-answer', 'busy', 'failed', 'canceled'] as const
export type FinalStatus = typeof finalStatuses[number]

/** One call at Twilio. */
export interface SimulatedCall {
  readonly sid: string
  readonly from: string
  readonly to: string
  status: 'ringing' | 'in-progress' | FinalStatus
  /** The texts played to the caller, oldest first. */
  readonly heard: string[]
  /** The agent's line while it rings or is connected. */
  line: { readonly number: string, readonly action: string, isAnswered: boolean } | null
}

export type Fields = Readonly<Record<string, string>>

export interface CallsOptions {
  readonly voiceUrl: string
  readonly statusUrl: string
  /** Milliseconds per second of `<Pause>`. */
  readonly secondMs: number
  /**
   * Milliseconds until the agent answers, and until the agent then hangs up. Default: the page does
   * both.
   */
  readonly autoRun?: { readonly answer: number, readonly talk: number }
  /** Posts signed fields. Returns the text of a 200 or 204 response, else null. */
  readonly postSigned: (url: string, fields: Fields) => Promise<string | null>
}

const accountSid = `AC${'5'.repeat(32)}`
const maximumCalls = 200
/** The limit of redirects per call: no caller waits for hours. */
const maximumSteps = 2000

/** The calls, each following the company's TwiML. */
export class Calls {
  readonly #options: CallsOptions
  readonly #calls = new Map<string, SimulatedCall>()
  readonly #closing = new AbortController()

  constructor (options: CallsOptions) {
    this.#options = options
  }

  /** Starts an inbound call. Resolves after the company's first response. */
  async begin (from: string, to: string): Promise<SimulatedCall> {
    const call: SimulatedCall = {
      sid: createSid(),
      from,
      to,
      status: 'ringing',
      heard: [],
      line: null
    }
    keepNewest(this.#calls, call.sid, call, maximumCalls)
    const document = await this.#options.postSigned(this.#options.voiceUrl, createFields(call))
    if (document === null) await this.end(call, 'failed')
    else this.#follow(call, document).catch(() => {})
    return call
  }

  get (sid: string): SimulatedCall | undefined {
    return this.#calls.get(sid)
  }

  all (): SimulatedCall[] {
    return [...this.#calls.values()]
  }

  /** The agent answers, does not answer, or hangs up. */
  async controlLine (
    call: SimulatedCall,
    action: 'answer' | 'no-answer' | 'hang-up'
  ): Promise<void> {
    const { line } = call
    if (line === null || hasEnded(call)) return
    if (action === 'answer') {
      line.isAnswered = true
      return
    }
    call.line = null
    const document = await this.#options.postSigned(line.action, {
      ...createFields(call),
      DialCallStatus: line.isAnswered ? 'completed' : 'no-answer',
      ...line.isAnswered && { DialCallDuration: '12' }
    })
    if (document === null) await this.end(call, 'failed')
    else await this.#follow(call, document)
  }

  /** Ends the call, on behalf of the caller or the network. */
  async end (call: SimulatedCall, end: FinalStatus): Promise<void> {
    if (hasEnded(call)) return
    call.status = end
    call.line = null
    await this.sendStatus(call)
  }

  /** Sends the call's status to the company, possibly again. */
  async sendStatus (call: SimulatedCall, status: string = call.status): Promise<void> {
    await this.#options.postSigned(this.#options.statusUrl, {
      ...createFields(call),
      CallStatus: status,
      CallbackSource: 'call-progress-events',
      Timestamp: new Date().toUTCString(),
      ...status === 'completed' && { CallDuration: '20' }
    })
  }

  close (): void {
    this.#closing.abort()
  }

  async #follow (call: SimulatedCall, first: string): Promise<void> {
    let document: string | null = first
    for (let step = 0; document !== null && step < maximumSteps; step++) {
      let next: string | null | undefined
      for (const instruction of readInstructions(document)) {
        if (hasEnded(call)) return
        call.status = 'in-progress'
        if (instruction.verb === 'Say') call.heard.push(instruction.text)
        if (instruction.verb === 'Pause') await this.#wait(instruction.seconds)
        if (instruction.verb === 'Hangup') return await this.end(call, 'completed')
        if (instruction.verb === 'Dial') return this.#dial(call, instruction)
        if (instruction.verb === 'Redirect') {
          if (hasEnded(call)) return
          next = await this.#options.postSigned(instruction.url, createFields(call))
          break
        }
      }
      if (next === undefined) return await this.end(call, 'completed')
      document = next
    }
    await this.end(call, 'failed')
  }

  #dial (call: SimulatedCall, { number, action }: { number: string, action: string }): void {
    call.line = { number, action, isAnswered: false }
    const { autoRun } = this.#options
    if (autoRun !== undefined) this.#run(call, autoRun).catch(() => {})
  }

  async #run (call: SimulatedCall, { answer, talk }: { answer: number, talk: number }) {
    await sleep(answer, undefined, { signal: this.#closing.signal })
    await this.controlLine(call, 'answer')
    await sleep(talk, undefined, { signal: this.#closing.signal })
    await this.controlLine(call, 'hang-up')
  }

  async #wait (seconds: number): Promise<void> {
    await sleep(seconds * this.#options.secondMs, undefined, { signal: this.#closing.signal })
  }
}

export function createSid (): string {
  return `CA${randomBytes(16).toString('hex')}`
}

export function hasEnded ({ status }: SimulatedCall): boolean {
  return (finalStatuses as readonly string[]).includes(status)
}

export function createFields (
  { sid, from, to, status }: Pick<SimulatedCall, 'sid' | 'from' | 'to' | 'status'>
): Fields {
  return {
    CallSid: sid,
    AccountSid: accountSid,
    From: from,
    To: to,
    CallStatus: status,
    Direction: 'inbound',
    ApiVersion: '2010-04-01'
  }
}
