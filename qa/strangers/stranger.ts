import type { FastifyInstance } from 'fastify'
import type { Random } from './random.ts'

/** A request of a kind, signed or altered accordingly. */
export interface Case {
  readonly kind: string
  readonly method?: 'GET' | 'POST'
  /** Path and query. Default: the hook's path without a query. */
  readonly target?: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Buffer
}

/** The input of the vendor's package, with headers as Node's servers provide them. */
export interface Sent {
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A vendor and the package to compare it with. */
export interface Stranger {
  readonly vendor: string
  readonly packages: string
  /** Registers our plugin; `verify` is then `app.<decorator>.verify`. */
  register(app: FastifyInstance, now: () => number): Promise<void>
  readonly decorator: string
  /** The requests are WebSocket upgrades. */
  readonly upgrades?: true
  /** A random request at this time, in epoch milliseconds. */
  request(random: Random, now: number): Case
  /** Whether the vendor's package accepts it. The clock shows the case's time. */
  accepts(sent: Sent): boolean | Promise<boolean>
  /** Kinds that we refuse and the package accepts, each with the reason. */
  readonly stricter: Readonly<Record<string, string>>
  /** Kinds that the vendor signs and the package refuses, each with the bug. */
  readonly faults?: Readonly<Record<string, string>>
}
