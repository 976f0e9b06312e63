import assert from 'node:assert/strict'
import { assertAccepted, assertPassed, assertRefusal, withApp } from './ask.ts'
import type { ContractCase } from './case.ts'
import { now, secret, strangersSecret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'

/** The two sides differ, so that swapping them would fail. */
const tolerance = { pastMs: 60_000, futureMs: 7_000 }
const tenYears = 315_576_000_000

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
        withApp(contract, { now: () => now + tenYears }, async ask => {
          assert.equal(assertAccepted(await ask(signedAt(now))).signedAt, undefined)
        })
    }]
  }

  return [
    {
      name: 'reports when the request was signed',
      run: () =>
        withApp(contract, { tolerance, now: clock }, async ask => {
          for (const time of [start, start - step]) {
            assert.equal(assertAccepted(await ask(signedAt(time))).signedAt, time)
          }
        })
    },
    {
      name: 'the past edge of the window is the last moment inside it',
      run: () =>
        withApp(contract, { tolerance, now: clock }, async ask => {
          assertPassed(await ask(signedAt(start - tolerance.pastMs)))
          assertRefusal(
            await ask(signedAt(start - tolerance.pastMs - step)),
            'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
          )
        })
    },
    {
      name: 'the future edge of the window is the last moment inside it',
      run: () =>
        withApp(contract, { tolerance, now: clock }, async ask => {
          assertPassed(await ask(signedAt(start + tolerance.futureMs)))
          assertRefusal(
            await ask(signedAt(start + tolerance.futureMs + step)),
            'FST_CC_TIMESTAMP_OUT_OF_WINDOW'
          )
        })
    },
    {
      name: 'has a time window by default',
      run: () =>
        withApp(contract, {}, async ask => {
          for (const time of [now - tenYears, now + tenYears]) {
            assertRefusal(await ask(signedAt(time)), 'FST_CC_TIMESTAMP_OUT_OF_WINDOW')
          }
        })
    },
    {
      name: 'a caller without a key learns nothing about the time',
      run: () =>
        withApp(contract, { tolerance }, async ask => {
          assertRefusal(
            await ask(signedAt(now - tenYears, strangersSecret)),
            'FST_CC_SIGNATURE_INVALID'
          )
        })
    }
  ]
}
