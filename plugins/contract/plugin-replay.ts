import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyReply } from 'fastify'
import type { ExpiringStore } from '../kit/replay/store.ts'
import { memoryStore } from '../kit/replay/memory.ts'
import { assertAccepted, handlerStarts, assertPassed, assertRefusal, withApp } from './ask.ts'
import type { ContractCase } from './case.ts'
import { now, otherSecret, secret, strangersSecret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'
import { placeOf } from './request.ts'

export function replayCases (contract: PluginContract): ContractCase[] {
  const { scheme, sign, signature, alsoAccepts = () => [] } = contract
  const request = sign({ secret, time: now })
  const theSignature = placeOf(signature)
  const createStore = () => memoryStore({ now: () => now })

  return [
    {
      name: 'refuses a copy that the store remembers, in every spelling of its signature',
      run: () =>
        withApp(contract, { replay: createStore() }, async ask => {
          assertPassed(await ask(request))
          const copies = alsoAccepts(String(theSignature.read(request))).map(spelling =>
            theSignature.write(request, spelling)
          )
          for (const copy of [request, ...copies]) assertRefusal(await ask(copy), 'FST_CC_REPLAYED')
        })
    },
    {
      name: 'accepts and marks a copy with duplicates: mark',
      run: () =>
        withApp(contract, { replay: createStore(), duplicates: 'mark' }, async ask => {
          for (const duplicate of [false, true]) {
            assert.equal(assertAccepted(await ask(request)).duplicate, duplicate)
          }
        })
    },
    {
      name: 'answers 503 to a copy of a request in progress',
      run: () =>
        withApp(contract, {
          replay: { ...createStore(), putIfAbsent: () => 'taken:by another process' }
        }, async ask => {
          const answer = await ask(request)
          assertRefusal(answer, 'FST_CC_IN_PROGRESS')
          assert.equal(answer.status, 503)
        })
    },
    {
      name: 'marks a claim done only after its request succeeded',
      async run () {
        const store = createStore()
        const written: string[] = []
        const replay: ExpiringStore = {
          ...store,
          putIfAbsent (key, value, ttlMs) {
            written.push(value.replace(/:.*/, ''))
            return store.putIfAbsent(key, value, ttlMs)
          },
          replace (key, expected, value, ttlMs) {
            written.push(value)
            return store.replace(key, expected, value, ttlMs)
          }
        }
        await withApp(contract, { replay }, async ask => assertPassed(await ask(request)))
        assert.deepEqual(written, ['taken', 'done'], 'states that the store was given, in order')
      }
    },
    {
      name: contract.usedOnceVerified === true
        ? 'a verified request stays used when its handler fails'
        : 'releases the claim of a failed request, and accepts its retry',
      run: () =>
        withApp(contract, { replay: createStore() }, async ask => {
          const failed = await withFailingReplies(() => ask(request))
          assert.equal(failed.code, 'OK', 'the outcome of the hook')
          assert.equal(failed.status, 500, failed.body)
          if (contract.usedOnceVerified !== true) assertPassed(await ask(request))
          assertRefusal(await ask(request), 'FST_CC_REPLAYED')
        })
    },
    // Only a nonce ties two signatures of one request together. Without it, a store cannot know
    // that they belong to the same request.
    ...scheme.limits.includes('no-nonce') ? [] : [{
      name: 'refuses a copy that is signed with another valid key',
      run: () =>
        withApp(contract, {
          keys: [{ id: 'one', secret }, { id: 'two', secret: otherSecret }],
          replay: createStore()
        }, async ask => {
          assertPassed(await ask(request))
          assertRefusal(await ask(sign({ secret: otherSecret, time: now })), 'FST_CC_REPLAYED')
        })
    }],
    {
      name: 'a forgery claims nothing',
      run: () =>
        withApp(contract, { replay: createStore() }, async ask => {
          assertRefusal(
            await ask(sign({ secret: strangersSecret, time: now })),
            'FST_CC_SIGNATURE_INVALID'
          )
          assertRefusal(
            await ask(
              theSignature.write(
                request,
                theSignature.read(sign({ secret: strangersSecret, time: now }))
              )
            ),
            'FST_CC_SIGNATURE_INVALID'
          )
          assertPassed(await ask(request))
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
          async ask => {
            const answer = await ask(request)
            assertRefusal(answer, 'FST_CC_REPLAY_STORE_UNAVAILABLE')
            assert.equal(answer.status, 503)
          }
        )
    },
    scheme.limits.includes('no-nonce')
      ? {
        name: 'limit no-nonce is true: a copy verifies without a replay store',
        run: () =>
          withApp(contract, {}, async ask => {
            for (let i = 0; i < 2; i++) {
              assert.equal(assertAccepted(await ask(request)).nonce, undefined)
            }
          })
      }
      : {
        name: 'reports the nonce',
        run: () =>
          withApp(contract, {}, async ask => {
            assert.equal(typeof assertAccepted(await ask(request)).nonce, 'string')
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
