/** A member of {@link OpenClaims}. */
export interface OpenClaim {
  /** Its index in the list; -1 if it is not in it. */
  position: number
}

/**
 * The claims of requests in progress. An array, because a `Set` that changes with each request
 * keeps finished requests in memory until the next full collection: V8 often gives it a new table,
 * and an old table that has survived holds the next ones, with all that was in them.
 */
export class OpenClaims<Claim extends OpenClaim> {
  readonly #claims: Claim[] = []

  get size (): number {
    return this.#claims.length
  }

  add (claim: Claim): void {
    claim.position = this.#claims.push(claim) - 1
  }

  /** The last claim takes its place. */
  delete (claim: Claim): void {
    const { position } = claim
    if (position === -1) return
    claim.position = -1
    const last = this.#claims.pop() as Claim
    if (last === claim) return
    this.#claims[position] = last
    last.position = position
  }

  /** A copy, which may be read while claims are added and deleted. */
  list (): Claim[] {
    return [...this.#claims]
  }
}
