import type { Sent } from '../samples.ts'

/** Somebody else's verification, used as its README says. */
export interface Peer {
  /** The name on npm. */
  readonly name: string
  /** What it wants to be given of the body. */
  readonly raw: 'text' | 'bytes'
  /** What it does more, less or otherwise than HMAC-SHA-256 over the body; for the table. */
  readonly note: string
  /** A request that it accepts. */
  sign(body: string): Sent
  /** False or a rejection for what it refuses. */
  verify(
    raw: string | Buffer,
    headers: Readonly<Record<string, string | undefined>>,
    path: string
  ): boolean | Promise<boolean>
}
