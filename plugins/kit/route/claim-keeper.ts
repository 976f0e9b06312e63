import { randomBytes } from 'node:crypto'
import type { ExpiringStore } from '../replay/store.ts'
import { after, type MaybePromise } from './maybe-promise.ts'

/** What became of a claimed request, as far as its connection shows. */
export type Ending = 'open' | 'answered' | 'refused' | 'lost'

/** One request, claimed once under each account that it could belong to. */
export interface Claim {
  readonly keys: readonly string[]
  readonly ending: () => Ending
  readonly warn: (error: unknown, text: string) => void
  /** What the store holds: whose it is at work, then `done`; empty once given back. */
  value: string
  /** When it was to be marked done, where the store did not answer. */
  doneAt?: number
}

export interface KeeperOptions {
  readonly store: ExpiringStore
  /** Milliseconds that a claim lives once its request succeeded. */
  readonly ttlMs: number
  /** Milliseconds that a claim lives without being renewed. */
  readonly leaseMs: number
}

const done = 'done'
/** No value of a store: the claim is nobody's. */
const given = ''

/** Tells this process's claims from those of others; a number tells them from each other. */
const owner = `taken:${randomBytes(9).toString('base64url')}:`
let taken = 0

/** Takes claims, renews them while their requests are open, and ends them. */
export class ClaimKeeper {
  readonly #store: ExpiringStore
  readonly #ttlMs: number
  readonly #leaseMs: number
  readonly #open = new Set<Claim>()
  #timer: NodeJS.Timeout | undefined

  constructor ({ store, ttlMs, leaseMs }: KeeperOptions) {
    this.#store = store
    this.#ttlMs = ttlMs
    this.#leaseMs = leaseMs
  }

  /** Null where the claim was taken; else whether its copy is at work, or has succeeded. */
  take (claim: Claim): MaybePromise<'taken' | 'done' | null> {
    claim.value = `${owner}${(taken++).toString(36)}`
    return after(this.#takeFrom(claim, 0), live => {
      if (live !== null) return live === done ? 'done' : 'taken'
      this.#open.add(claim)
      this.#timer ??= setInterval(() => this.#renewAll(), this.#leaseMs / 3).unref()
      return null
    })
  }

  /**
   * Ends the claim: kept for the rest of the window, or given back. Never rejects: the reply
   * leaves also where the store does not answer.
   */
  settle (claim: Claim, outcome: 'done' | 'failed'): MaybePromise<void> {
    return outcome === 'done' ? this.#finish(claim) : this.#giveBack(claim)
  }

  #takeFrom (claim: Claim, index: number): MaybePromise<string | null> {
    const key = claim.keys[index]
    if (key === undefined) return null
    const answer = this.#store.putIfAbsent(key, claim.value, this.#leaseMs)
    // As a store in memory says it, without a closure for each request.
    if (answer === null) return this.#takeFrom(claim, index + 1)
    return after(answer, live => {
      if (live === null) return this.#takeFrom(claim, index + 1)
      return after(this.#forget(claim, index - 1), () => live)
    })
  }

  /** Gives back the keys up to the index. */
  #forget (claim: Claim, index: number): MaybePromise<void> {
    const key = claim.keys[index]
    if (key === undefined) return
    return after(this.#store.delete(key, claim.value), () => this.#forget(claim, index - 1))
  }

  #giveBack (claim: Claim): MaybePromise<void> {
    // Once, where a scope inside another looks at the same reply.
    if (claim.value === given) return
    this.#open.delete(claim)
    return catchFailure(
      () =>
        after(this.#forget(claim, claim.keys.length - 1), () => {
          claim.value = given
        }),
      error =>
        claim.warn(
          error,
          'a replay claim could not be released; a retry is refused until the claim expires'
        )
    )
  }

  #finish (claim: Claim): MaybePromise<void> {
    if (claim.value === done || claim.value === given) return
    return catchFailure(
      () =>
        after(this.#put(claim, 0, done, this.#ttlMs), isOurs => {
          this.#open.delete(claim)
          if (isOurs) claim.value = done
          else {claim.warn(
              undefined,
              'a replay claim expired early; a copy of the request may run too'
            )}
        }),
      error => {
        // Tried again while the window lasts: a store that is back must not let a copy in.
        claim.doneAt ??= performance.now()
        claim.warn(error, 'a replay claim could not be marked done yet')
      }
    )
  }

  /** Another value under each key of ours, also where the lease has ended and nobody came since. */
  #put (claim: Claim, index: number, value: string, ttlMs: number): MaybePromise<boolean> {
    const key = claim.keys[index]
    if (key === undefined) return true
    const answer = this.#store.replace(key, claim.value, value, ttlMs)
    if (answer === true) return this.#put(claim, index + 1, value, ttlMs)
    return after(
      answer,
      isReplaced =>
        after(
          isReplaced ? null : this.#store.putIfAbsent(key, value, ttlMs),
          live => (live === null || live === value) && this.#put(claim, index + 1, value, ttlMs)
        )
    )
  }

  #renewAll (): void {
    for (const claim of this.#open) this.#renew(claim)
    if (this.#open.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #renew (claim: Claim): MaybePromise<void> {
    if (claim.doneAt !== undefined) {
      if (performance.now() - claim.doneAt < this.#ttlMs) return this.#finish(claim)
      this.#open.delete(claim)
      return
    }
    const ending = claim.ending()
    // A hijacked reply.
    if (ending === 'answered') return this.#finish(claim)
    if (ending === 'refused') return this.#giveBack(claim)
    // The handler may still succeed, and then it counts; one that hangs must not hold the claim.
    if (ending === 'lost') {
      this.#open.delete(claim)
      return
    }
    return catchFailure(
      () => after(this.#put(claim, 0, claim.value, this.#leaseMs), () => {}),
      error => claim.warn(error, 'a replay claim could not be renewed')
    )
  }
}

function catchFailure (
  step: () => MaybePromise<void>,
  failed: (error: unknown) => void
): MaybePromise<void> {
  try {
    const result = step()
    return result instanceof Promise ? result.catch(failed) : result
  } catch (error) {
    failed(error)
  }
}
