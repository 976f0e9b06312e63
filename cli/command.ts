import type { Diagnosis } from 'fastify-contact-center/explain'
import type { Key } from 'fastify-contact-center'
import type { TimeWindow } from '../plugins/kit/wire/time.ts'
import type { Verifier } from 'fastify-contact-center/kit'
import type { ArgumentName } from './arguments.ts'

/** What a command works on, read and checked. */
export interface Task {
  readonly scheme: Verifier<object>
  /** Absent for a vendor without one. */
  readonly diagnosis: Diagnosis<object> | undefined
  readonly input: object
  /** The names of the vendor's options that were not given. */
  readonly otherOptions: readonly string[]
  /** Empty for a command that takes none. */
  readonly signature: string
  readonly keys: readonly [Key, ...Key[]]
  readonly otherKeys: readonly Key[]
  /** The verifier's clock and window; `isGiven` tells whether the clock is that of the command. */
  readonly time: { readonly now: number, readonly window: TimeWindow, readonly isGiven: boolean }
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
