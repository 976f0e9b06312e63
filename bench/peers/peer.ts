import type { Sent } from '../samples.ts'

/** Another library's verification, used as in its README. */
export interface Peer {
  /** The name on npm. */
  readonly name: string
  /** The form in which it takes the body. */
  readonly raw: 'text' | 'bytes'
  /** How it differs from HMAC-SHA-256 over the body, for the table. */
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
