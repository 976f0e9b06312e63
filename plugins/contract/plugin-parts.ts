import assert from 'node:assert/strict'
import { assertAccepted, assertPassed, assertRefusal, withApp } from './ask.ts'
import type { ContractCase } from './case.ts'
import { now, secret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'
import { oddValue, otherValue, placeOf } from './request.ts'
import { otherSpellings } from './spellings.ts'

const invalid = 'FST_CC_SIGNATURE_INVALID'
const malformed = ['FST_CC_SIGNATURE_MALFORMED', 'FST_CC_INPUT_REFUSED', invalid]

export function partCases (contract: PluginContract): ContractCase[] {
  const { scheme, signature, covered, sign, alsoAccepts = () => [] } = contract
  const request = sign({ secret, time: now })
  const theSignature = placeOf(signature)
  const written = String(theSignature.read(request))

  return [
    {
      name: 'accepts the signed request, and reports what was covered',
      run: () =>
        withApp(contract, {}, async ask => {
          const result = assertAccepted(await ask(request))
          assert.equal(result.scheme, scheme.name)
          assert.equal(result.duplicate, false)
          assert.ok(
            result.covered.length > 0 &&
              result.covered.every(name => typeof name === 'string' && name !== ''),
            'covered'
          )
        })
    },
    {
      name: 'each declared part is in the request',
      run () {
        assert.notEqual(covered.length, 0, 'the signature covers nothing')
        for (const place of [signature, ...covered].map(placeOf)) {
          assert.ok(
            ![undefined, null, ''].includes(place.read(request) as string | undefined | null),
            place.name
          )
        }
      }
    },
    {
      name: 'refuses a missing signature',
      run: () =>
        withApp(contract, {}, async ask => {
          for (
            const without of [theSignature.remove(request), theSignature.write(request, '')]
          ) assertRefusal(await ask(without), 'FST_CC_SIGNATURE_MISSING')
        })
    },
    {
      name: 'refuses a changed signature',
      run: () =>
        withApp(contract, {}, async ask => {
          assertRefusal(await ask(theSignature.write(request, otherValue(written))), ...malformed)
        })
    },
    {
      name: 'refuses a signature of another shape',
      run: () =>
        withApp(contract, {}, async ask => {
          for (
            const text of [
              oddValue(written),
              'é'.repeat(written.length),
              written.slice(1),
              written + written
            ]
          ) assertRefusal(await ask(theSignature.write(request, text)), ...malformed)
        })
    },
    {
      name: 'refuses a repeated signature',
      run: () =>
        withApp(contract, {}, async ask => {
          assert.ok(theSignature.repeat, 'the signature cannot be the whole body')
          assertRefusal(await ask(theSignature.repeat(request)), ...malformed)
        })
    },
    {
      name: 'accepts only the spellings of the signature in alsoAccepts',
      run: () =>
        withApp(contract, {}, async ask => {
          const taken = alsoAccepts(written)
          for (const spelling of taken) {
            assertPassed(await ask(theSignature.write(request, spelling)))
          }
          for (const spelling of otherSpellings(written).values()) {
            if (!taken.includes(spelling)) {
              assertRefusal(await ask(theSignature.write(request, spelling)), ...malformed)
            }
          }
        })
    },
    ...covered.map(placeOf).flatMap(place => [
      {
        name: `refuses a change of ${place.name}`,
        run: () =>
          withApp(contract, {}, async ask => {
            assertRefusal(await ask(place.write(request, otherValue(place.read(request)))), invalid)
          })
      },
      {
        name: `refuses ${place.name} missing, empty, repeated or of another alphabet`,
        run: () =>
          withApp(contract, {}, async ask => {
            const wrong = [
              place.remove(request),
              place.write(request, ''),
              place.write(request, oddValue(place.read(request)))
            ]
            for (
              const one of place.repeat === undefined
                ? wrong
                : [...wrong, place.repeat(request)]
            ) assertRefusal(await ask(one))
          })
      }
    ]),
    ...request.body === undefined
      ? []
      : [{
        name: 'refuses a body with a Content-Encoding',
        run: () =>
          withApp(contract, {}, async ask => {
            assertRefusal(
              await ask({
                ...request,
                headers: { ...request.headers, 'content-encoding': 'gzip' }
              }),
              'FST_CC_CONTENT_ENCODING'
            )
          })
      }],
    {
      name: 'a refusal does not reveal the secret',
      run: () =>
        withApp(contract, {}, async ask => {
          for (
            const wrong of [
              theSignature.remove(request),
              theSignature.write(request, otherValue(written))
            ]
          ) {
            const { status, body } = await ask(wrong)
            assert.ok(status >= 400 && !body.includes(secret))
          }
        })
    }
  ]
}
