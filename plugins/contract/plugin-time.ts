import assert from 'node:assert/strict'
import { assertAccepted, assertPassed, assertRefusal, withApp } from './inject.ts'
import type { ContractCase } from './case.ts'
import { now, secret, strangersSecret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'

/** The two sides differ, so that swapping them would fail. */
const tolerance = { pastMs: 60_000, futureMs: 7_000 }
const tenYears = 315_576_000_000

/** The edges of the time window. */
export function timeCases (contract: PluginContract): ContractCase[] {
  const { timeStepMs: step = 1 } = contract
  // A time that the vendor's format can express.
  const start = now - now % step
  const clock = (): number => start
  const signedAt = (time: number, by = secret) => contract.sign({ secret: by, time })
  if (contract.scheme.limits.includes('no-timestamp')) {
    return [{
      name: 'limit no-timestamp is true: a request never expires',
      run: () =>
        withApp(contract, { now: () => now + tenYears }, async inject => {
          assert.equal(assertAccepted(await inject(signedAt(now))).signedAt, undefined)
        })
    }]
  }

  return [
    {
      name: 'reports the signed time',
      run: () =>
        withApp(contract, { tolerance, now: clock }, async inject => {
          for (const time of [start, start - step]) {
            const { signedAt: reported } = assertAccepted(await inject(signedAt(time)))
            assert.equal(
              reported,
              time,
              `the request was signed at ${time}, but ${reported} is reported; for a vendor that signs seconds, set timeStepMs: 1000`
            )
          }
        })
    },
    {
      name: 'accepts the earliest time in the window, and refuses an earlier one',
      run: () =>
        withApp(contract, { tolerance, now: clock }, async inject => {
          assertPassed(await inject(signedAt(start - tolerance.pastMs)))
          assertRefusal(
            await inject(signedAt(start - tolerance.pastMs - step)),
            'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
          )
        })
    },
    {
      name: 'accepts the latest time in the window, and refuses a later one',
      run: () =>
        withApp(contract, { tolerance, now: clock }, async inject => {
          assertPassed(await inject(signedAt(start + tolerance.futureMs)))
          assertRefusal(
            await inject(signedAt(start + tolerance.futureMs + step)),
            'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
          )
        })
    },
    {
      name: 'checks the signed time by default',
      run: () =>
        withApp(contract, {}, async inject => {
          for (const time of [now - tenYears, now + tenYears]) {
            assertRefusal(await inject(signedAt(time)), 'FST_CC_TIMESTAMP_OUT_OF_WINDOW')
          }
        })
    },
    {
      name: 'reveals nothing about the time to a caller without a key',
      run: () =>
        withApp(contract, { tolerance }, async inject => {
          assertRefusal(
            await inject(signedAt(now - tenYears, strangersSecret)),
            'FST_CC_SIGNATURE_INVALID'
          )
        })
    }
  ]
}
