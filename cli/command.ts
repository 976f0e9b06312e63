import type { Diagnosis } from 'fastify-contact-center/explain'
import type { Key } from 'fastify-contact-center'
import type { TimeWindow } from '../plugins/kit/wire/time.ts'
import type { Verifier } from 'fastify-contact-center/kit'
import type { ArgumentName } from './arguments.ts'

/** The checked input of a command. */
export interface Task {
  readonly scheme: Verifier<object>
  /** Undefined for a vendor without one. */
  readonly diagnosis: Diagnosis<object> | undefined
  readonly input: object
  /** The names of the vendor's options that were not given. */
  readonly otherOptions: readonly string[]
  /** Empty for a command that needs none. */
  readonly signature: string
  readonly keys: readonly [Key, ...Key[]]
  readonly otherKeys: readonly Key[]
  /** The verifier's clock and window; `isGiven` if the clock comes from `--now`. */
  readonly time: { readonly now: number, readonly window: TimeWindow, readonly isExplicit: boolean }
}

export interface Answer {
  readonly exitCode: 0 | 1
  /** For people, without the last line break. */
  readonly text: string
  /** For machines. */
  readonly json: object
}

export interface Command {
  readonly summary: string
  /** Arguments in addition to those of every command. With `signature`, one is required. */
  readonly accepts: readonly ArgumentName[]
  run(task: Task): Answer
  /** The answer where the scheme refuses the input; without it, the command fails. */
  refuse?(reason: string, task: Task): Answer
}
