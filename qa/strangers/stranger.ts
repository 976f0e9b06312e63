import type { FastifyInstance } from 'fastify'
import type { Random } from './random.ts'

/** A request of a kind, signed or mistreated as the kind says. */
export interface Case {
  readonly kind: string
  readonly method?: 'GET' | 'POST'
  /** Path and query; by default those of the hook, without a query. */
  readonly target?: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Buffer
}

/** What the vendor's package is given: headers as Node's servers give them. */
export interface Sent {
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A vendor, and the package that it is compared with. */
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
  /** Whether the vendor's package takes it. The clock is the case's. */
  accepts(sent: Sent): boolean | Promise<boolean>
  /** Where ours refuses what the package takes: kinds, each with the reason. */
  readonly stricter: Readonly<Record<string, string>>
  /** Where the package refuses what its vendor signs so: kinds, each with the fault. */
  readonly faults?: Readonly<Record<string, string>>
}
