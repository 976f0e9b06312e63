import assert from 'node:assert/strict'
import type { Keys } from '../kit/keys/key-ring.ts'
import { assertAccepted, type Ask, assertPassed, assertRefusal, withApp } from './ask.ts'
import type { ContractCase } from './case.ts'
import { now, otherSecret, secret, strangersSecret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'

const first = { id: 'first', secret }
const second = { id: 'second', secret: otherSecret }

export function keyCases (contract: PluginContract): ContractCase[] {
  const request = contract.sign({ secret, time: now })

  return [
    {
      name: 'any of several keys verifies, and the result names the key',
      run: () =>
        withApp(contract, { keys: [first, second] }, async ask => {
          for (const key of [first, second]) {
            assert.equal(
              assertAccepted(await ask(contract.sign({ secret: key.secret, time: now }))).keyId,
              key.id
            )
          }
        })
    },
    {
      name: 'an unknown key never verifies',
      run: () =>
        withApp(contract, { keys: [first, second] }, async ask => {
          assertRefusal(
            await ask(contract.sign({ secret: strangersSecret, time: now })),
            'FST_CC_SIGNATURE_INVALID'
          )
        })
    },
    {
      name: 'a key is valid from its first to its last millisecond',
      async run () {
        const withValidity = (
          validity: { notBefore?: number, notAfter?: number },
          use: (ask: Ask) => Promise<void>
        ) => withApp(contract, { keys: [{ ...first, ...validity }, second] }, use)
        await withValidity({ notBefore: now, notAfter: now }, async ask => {
          assertPassed(await ask(request))
        })
        for (const outside of [{ notAfter: now - 1 }, { notBefore: now + 1 }]) {
          await withValidity(outside, async ask => {
            assertRefusal(await ask(request), 'FST_CC_SIGNATURE_INVALID')
          })
        }
      }
    },
    {
      name: 'answers 503 without a valid key, and says nothing about the signature',
      run: () =>
        withApp(contract, { keys: { ...first, notAfter: now - 1 } }, async ask => {
          const answer = await ask(request)
          assertRefusal(answer, 'FST_CC_KEYS_UNAVAILABLE')
          assert.equal(answer.status, 503)
        })
    },
    {
      name: 'does not start without a usable key',
      async run () {
        for (
          const keys of ['', ' '.repeat(32), 'short', 'changeme', [], [first, first], undefined]
        ) {
          await assert.rejects(withApp(contract, { keys: keys as Keys }, async () => {}), {
            code: 'FST_CC_OPTION_INVALID'
          })
        }
      }
    }
  ]
}
