import assert from 'node:assert/strict'
import type { Keys } from '../kit/keys/key-ring.ts'
import { assertAccepted, type Inject, assertPassed, assertRefusal, withApp } from './inject.ts'
import type { ContractCase } from './case.ts'
import { now, otherSecret, secret, strangersSecret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'

const first = { id: 'first', secret }
const second = { id: 'second', secret: otherSecret }

/** Several keys, their validity, and keys that registration refuses. */
export function keyCases (contract: PluginContract): ContractCase[] {
  const request = contract.sign({ secret, time: now })

  return [
    {
      name: 'accepts a request signed with any of the keys, and reports the id of the key',
      run: () =>
        withApp(contract, { keys: [first, second] }, async inject => {
          for (const key of [first, second]) {
            assert.equal(
              assertAccepted(await inject(contract.sign({ secret: key.secret, time: now }))).keyId,
              key.id
            )
          }
        })
    },
    {
      name: 'refuses a request signed with an unknown key',
      run: () =>
        withApp(contract, { keys: [first, second] }, async inject => {
          assertRefusal(
            await inject(contract.sign({ secret: strangersSecret, time: now })),
            'FST_CC_SIGNATURE_INVALID'
          )
        })
    },
    {
      name: 'accepts a key from notBefore to notAfter, both inclusive',
      async run () {
        const withValidity = (
          validity: { notBefore?: number, notAfter?: number },
          runCase: (inject: Inject) => Promise<void>
        ) => withApp(contract, { keys: [{ ...first, ...validity }, second] }, runCase)
        await withValidity({ notBefore: now, notAfter: now }, async inject => {
          assertPassed(await inject(request))
        })
        for (const validity of [{ notAfter: now - 1 }, { notBefore: now + 1 }]) {
          await withValidity(validity, async inject => {
            assertRefusal(await inject(request), 'FST_CC_SIGNATURE_INVALID')
          })
        }
      }
    },
    {
      name: 'answers 503 if no key is valid, and reveals nothing about the signature',
      run: () =>
        withApp(contract, { keys: { ...first, notAfter: now - 1 } }, async inject => {
          const reply = await inject(request)
          assertRefusal(reply, 'FST_CC_KEYS_UNAVAILABLE')
          assert.equal(reply.status, 503)
        })
    },
    {
      name: 'refuses to register without a usable key',
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
