import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyReply } from 'fastify'
import type { ExpiringStore } from '../kit/replay/store.ts'
import { memoryStore } from '../kit/replay/memory.ts'
import { assertAccepted, handlerStarts, assertPassed, assertRefusal, withApp } from './inject.ts'
import type { ContractCase } from './case.ts'
import { now, otherSecret, secret, strangersSecret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'
import { placeOf } from './request.ts'

/** Copies of a request, and the states of its claim. */
export function replayCases (contract: PluginContract): ContractCase[] {
  const { scheme, sign, signature, alsoAccepts = () => [] } = contract
  const request = sign({ secret, time: now })
  const signaturePlace = placeOf(signature)
  const createStore = () => memoryStore({ now: () => now })

  return [
    {
      name: 'refuses a copy of an accepted request, whatever the spelling of its signature',
      run: () =>
        withApp(contract, { replay: createStore() }, async inject => {
          assertPassed(await inject(request))
          const copies = alsoAccepts(String(signaturePlace.read(request))).map(spelling =>
            signaturePlace.write(request, spelling)
          )
          for (const copy of [request, ...copies]) {
            assertRefusal(await inject(copy), 'FST_CC_REPLAYED')
          }
        })
    },
    {
      name: 'accepts a copy with duplicates: mark, and reports it as a duplicate',
      run: () =>
        withApp(contract, { replay: createStore(), duplicates: 'mark' }, async inject => {
          for (const duplicate of [false, true]) {
            assert.equal(assertAccepted(await inject(request)).duplicate, duplicate)
          }
        })
    },
    {
      name: 'answers 503 to a copy of a request in progress',
      run: () =>
        withApp(contract, {
          replay: { ...createStore(), putIfAbsent: () => 'taken:by another process' }
        }, async inject => {
          const reply = await inject(request)
          assertRefusal(reply, 'FST_CC_IN_PROGRESS')
          assert.equal(reply.status, 503)
        })
    },
    {
      name: 'marks a claim as done only after the request has succeeded',
      async run () {
        const store = createStore()
        const states: string[] = []
        const replay: ExpiringStore = {
          ...store,
          putIfAbsent (key, value, ttlMs) {
            states.push(value.replace(/:.*/, ''))
            return store.putIfAbsent(key, value, ttlMs)
          },
          replace (key, expected, value, ttlMs) {
            states.push(value)
            return store.replace(key, expected, value, ttlMs)
          }
        }
        await withApp(contract, { replay }, async inject => assertPassed(await inject(request)))
        assert.deepEqual(states, ['taken', 'done'], 'the states written to the store, in order')
      }
    },
    {
      name: contract.usedOnceVerified === true
        ? 'keeps the claim of a verified request if its handler fails'
        : 'releases the claim of a failed request, and accepts its retry',
      run: () =>
        withApp(contract, { replay: createStore() }, async inject => {
          const failed = await withFailingReplies(() => inject(request))
          assert.equal(failed.code, 'OK', 'the outcome of the hook')
          assert.equal(failed.status, 500, failed.body)
          if (contract.usedOnceVerified !== true) assertPassed(await inject(request))
          assertRefusal(await inject(request), 'FST_CC_REPLAYED')
        })
    },
    // Only a nonce ties two signatures of one request together. Without it, a store cannot know
    // that they belong to the same request.
    ...scheme.limits.includes('no-nonce') ? [] : [{
      name: 'refuses a copy signed with another valid key',
      run: () =>
        withApp(contract, {
          keys: [{ id: 'first', secret }, { id: 'second', secret: otherSecret }],
          replay: createStore()
        }, async inject => {
          assertPassed(await inject(request))
          assertRefusal(await inject(sign({ secret: otherSecret, time: now })), 'FST_CC_REPLAYED')
        })
    }],
    {
      name: 'makes no claim for a forged request',
      run: () =>
        withApp(contract, { replay: createStore() }, async inject => {
          assertRefusal(
            await inject(sign({ secret: strangersSecret, time: now })),
            'FST_CC_SIGNATURE_INVALID'
          )
          assertRefusal(
            await inject(
              signaturePlace.write(
                request,
                signaturePlace.read(sign({ secret: strangersSecret, time: now }))
              )
            ),
            'FST_CC_SIGNATURE_INVALID'
          )
          assertPassed(await inject(request))
        })
    },
    {
      name: 'answers 503 to every request when the store fails',
      run: () =>
        withApp(
          contract,
          {
            replay: {
              putIfAbsent: failAsStore,
              get: failAsStore,
              replace: failAsStore,
              delete: failAsStore
            }
          },
          async inject => {
            const reply = await inject(request)
            assertRefusal(reply, 'FST_CC_REPLAY_STORE_UNAVAILABLE')
            assert.equal(reply.status, 503)
          }
        )
    },
    scheme.limits.includes('no-nonce')
      ? {
        name: 'limit no-nonce is true: a copy verifies without a replay store',
        run: () =>
          withApp(contract, {}, async inject => {
            for (let i = 0; i < 2; i++) {
              assert.equal(assertAccepted(await inject(request)).nonce, undefined)
            }
          })
      }
      : {
        name: 'reports the nonce',
        run: () =>
          withApp(contract, {}, async inject => {
            assert.equal(typeof assertAccepted(await inject(request)).nonce, 'string')
          })
      }
  ]
}

/** Gives status 500 to the replies of all handlers that run during the step. */
async function withFailingReplies<T> (step: () => Promise<T>): Promise<T> {
  const listen = (message: unknown): void => {
    ;(message as { reply: FastifyReply }).reply.code(500)
  }
  subscribe(handlerStarts, listen)
  try {
    return await step()
  } finally {
    unsubscribe(handlerStarts, listen)
  }
}

function failAsStore (): never {
  throw new Error('the store is down')
}
