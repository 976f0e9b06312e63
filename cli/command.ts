import type { Diagnosis } from 'fastify-contact-center/explain'
import type { Key, Scheme, TimeWindow, Verifier } from 'fastify-contact-center/kit'
import type { ArgumentName } from './arguments.ts'

/** What a command works on, read and checked. */
export interface Task {
  readonly scheme: Scheme<object> | Verifier<object>
  readonly diagnosis: Diagnosis<object>
  readonly input: object
  /** Empty for a command that takes none. */
  readonly signature: string
  readonly keys: readonly [Key, ...Key[]]
  readonly otherKeys: readonly Key[]
  /** The verifier's clock and window, where the time is to be looked at. */
  readonly time?: { readonly now: number, readonly window: TimeWindow }
}

export interface Answer {
  readonly exitCode: 0 | 1
  /** For people; without the last line end. */
  readonly text: string
  /** For machines. */
  readonly json: object
}

export interface Command {
  readonly summary: string
  /** Beside those of every command. One that takes a signature needs it. */
  readonly takes: readonly ArgumentName[]
  run(task: Task): Answer
}
