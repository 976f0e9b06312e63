import { randomBytes } from 'node:crypto'
import type { ExpiringStore } from '../replay/store.ts'
import { continueWith, type MaybePromise } from './maybe-promise.ts'
import { type OpenClaim, OpenClaims } from './open-claims.ts'

/** How a claimed request ended, as far as its connection shows. */
export type Ending = 'open' | 'answered' | 'refused' | 'lost'

/** One request, claimed under each account to which it may belong. */
export interface Claim extends OpenClaim {
  /** Its keys in the store, one for each account. */
  readonly keys: readonly string[]
  readonly ending: () => Ending
  /** Logs that the store did not do what it should. */
  readonly warn: (error: unknown, text: string) => void
  /** The value in the store: the owner while in progress, then `done`; empty once released. */
  value: string
  /** When it should have been marked done, if the store did not answer. */
  doneAt?: number
}

/** Null if a claim was taken; else whether its copy is in progress or has succeeded. */
export type TakenState = 'taken' | 'done' | null

/** The store of a {@link ClaimKeeper}, and how long its claims live. */
export interface KeeperOptions {
  readonly store: ExpiringStore
  /** Milliseconds for which a claim lives once its request succeeded. */
  readonly ttlMs: number
  /** Milliseconds for which a claim lives unless renewed. */
  readonly leaseMs: number
}

const done = 'done'
/** The value of a claim that is not in the store. */
const released = ''

/** Identifies the claims of this process; a number is appended for each. */
const ownerPrefix = `taken:${randomBytes(9).toString('base64url')}:`
let claimCount = 0

/** Takes claims, renews them while their requests are in progress, and ends them. */
export class ClaimKeeper {
  readonly #store: ExpiringStore
  readonly #ttlMs: number
  readonly #leaseMs: number
  readonly #openClaims = new OpenClaims<Claim>()
  #timer: NodeJS.Timeout | undefined

  constructor ({ store, ttlMs, leaseMs }: KeeperOptions) {
    this.#store = store
    this.#ttlMs = ttlMs
    this.#leaseMs = leaseMs
  }

  take (claim: Claim): MaybePromise<TakenState> {
    claim.value = ownerPrefix + String(claimCount++)
    const liveValue = this.#takeKeys(claim, 0)
    return liveValue instanceof Promise
      ? liveValue.then(liveValue => this.#openUnlessLive(claim, liveValue))
      : this.#openUnlessLive(claim, liveValue)
  }

  /**
   * Ends the claim: it is kept for the rest of the window, or released. Never rejects: the reply is
   * sent although the store does not answer.
   */
  settle (claim: Claim, outcome: 'done' | 'failed'): MaybePromise<void> {
    return outcome === 'done' ? this.#markDone(claim) : this.#release(claim)
  }

  #openUnlessLive (claim: Claim, liveValue: string | null): TakenState {
    if (liveValue !== null) return liveValue === done ? 'done' : 'taken'
    this.#openClaims.add(claim)
    this.#timer ??= setInterval(() => this.#renewAll(), this.#leaseMs / 3).unref()
    return null
  }

  #takeKeys (claim: Claim, index: number): MaybePromise<string | null> {
    const key = claim.keys[index]
    if (key === undefined) return null
    const result = this.#store.putIfAbsent(key, claim.value, this.#leaseMs)
    // A synchronous store needs no closure per request.
    if (result === null) return this.#takeKeys(claim, index + 1)
    return continueWith(result, liveValue => {
      if (liveValue === null) return this.#takeKeys(claim, index + 1)
      return continueWith(this.#deleteKeys(claim, index - 1), () => liveValue)
    })
  }

  /** Releases the keys up to the index. */
  #deleteKeys (claim: Claim, index: number): MaybePromise<void> {
    const key = claim.keys[index]
    if (key === undefined) return
    return continueWith(
      this.#store.delete(key, claim.value),
      () => this.#deleteKeys(claim, index - 1)
    )
  }

  #release (claim: Claim): MaybePromise<void> {
    // Nested scopes see the same reply: release once.
    if (claim.value === released) return
    this.#openClaims.delete(claim)
    return handleFailure(
      () =>
        continueWith(this.#deleteKeys(claim, claim.keys.length - 1), () => {
          claim.value = released
        }),
      error =>
        claim.warn(
          error,
          'a replay claim could not be released; a retry is refused until the claim expires'
        )
    )
  }

  #markDone (claim: Claim): MaybePromise<void> {
    if (claim.value === done || claim.value === released) return
    try {
      const isHeld = this.#putKeys(claim, 0, done, this.#ttlMs)
      if (isHeld instanceof Promise) {
        return isHeld.then(isHeld => this.#endDone(claim, isHeld)).catch((error: unknown) =>
          this.#retryLater(claim, error)
        )
      }
      this.#endDone(claim, isHeld)
    } catch (error) {
      this.#retryLater(claim, error)
    }
  }

  #endDone (claim: Claim, isHeld: boolean): void {
    this.#openClaims.delete(claim)
    if (isHeld) claim.value = done
    else claim.warn(undefined, 'a replay claim expired early; a copy of the request may run too')
  }

  /** Retried for the rest of the window, so that a copy is refused once the store is back. */
  #retryLater (claim: Claim, error: unknown): void {
    claim.doneAt ??= performance.now()
    claim.warn(error, 'a replay claim could not be marked done yet')
  }

  /** Writes another value to each key, even if the lease has expired and no copy has come since. */
  #putKeys (claim: Claim, index: number, value: string, ttlMs: number): MaybePromise<boolean> {
    const key = claim.keys[index]
    if (key === undefined) return true
    const result = this.#store.replace(key, claim.value, value, ttlMs)
    if (result === true) return this.#putKeys(claim, index + 1, value, ttlMs)
    return continueWith(
      result,
      isReplaced =>
        continueWith(
          isReplaced ? null : this.#store.putIfAbsent(key, value, ttlMs),
          liveValue =>
            (liveValue === null || liveValue === value) &&
            this.#putKeys(claim, index + 1, value, ttlMs)
        )
    )
  }

  #renewAll (): void {
    for (const claim of this.#openClaims.list()) this.#renew(claim)
    if (this.#openClaims.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #renew (claim: Claim): MaybePromise<void> {
    if (claim.doneAt !== undefined) {
      if (performance.now() - claim.doneAt < this.#ttlMs) return this.#markDone(claim)
      this.#openClaims.delete(claim)
      return
    }
    const ending = claim.ending()
    // Only hijacked replies end without being settled.
    if (ending === 'answered') return this.#markDone(claim)
    if (ending === 'refused') return this.#release(claim)
    // The handler may still succeed and settle the claim; if it hangs, the lease expires.
    if (ending === 'lost') {
      this.#openClaims.delete(claim)
      return
    }
    return handleFailure(
      () => continueWith(this.#putKeys(claim, 0, claim.value, this.#leaseMs), () => {}),
      error => claim.warn(error, 'a replay claim could not be renewed')
    )
  }
}

function handleFailure (
  step: () => MaybePromise<void>,
  onFailure: (error: unknown) => void
): MaybePromise<void> {
  try {
    const result = step()
    return result instanceof Promise ? result.catch(onFailure) : result
  } catch (error) {
    onFailure(error)
  }
}
