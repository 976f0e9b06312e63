import assert from 'node:assert/strict'
import { assertAccepted, assertPassed, assertRefusal, withApp } from './inject.ts'
import type { ContractCase } from './case.ts'
import { now, secret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'
import { oddValue, otherValue, placeOf } from './request.ts'
import { otherSpellings } from './spellings.ts'

const invalid = 'FST_CC_SIGNATURE_INVALID'
const malformed = ['FST_CC_SIGNATURE_MALFORMED', 'FST_CC_INPUT_REFUSED', invalid]

/** Each part of a signed request: genuine, changed, missing, repeated and malformed. */
export function partCases (contract: PluginContract): ContractCase[] {
  const { scheme, signature, covered, sign, alsoAccepts = () => [] } = contract
  const request = sign({ secret, time: now })
  const signaturePlace = placeOf(signature)
  const signatureText = String(signaturePlace.read(request))

  return [
    {
      name: 'accepts the signed request, and reports the covered parts',
      run: () =>
        withApp(contract, {}, async inject => {
          const result = assertAccepted(await inject(request))
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
      name: 'the request contains every declared part',
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
        withApp(contract, {}, async inject => {
          for (
            const unsigned of [signaturePlace.remove(request), signaturePlace.write(request, '')]
          ) assertRefusal(await inject(unsigned), 'FST_CC_SIGNATURE_MISSING')
        })
    },
    {
      name: 'refuses a changed signature',
      run: () =>
        withApp(contract, {}, async inject => {
          assertRefusal(
            await inject(signaturePlace.write(request, otherValue(signatureText))),
            ...malformed
          )
        })
    },
    {
      name: 'refuses a malformed signature',
      run: () =>
        withApp(contract, {}, async inject => {
          for (
            const text of [
              oddValue(signatureText),
              'é'.repeat(signatureText.length),
              signatureText.slice(1),
              signatureText + signatureText
            ]
          ) assertRefusal(await inject(signaturePlace.write(request, text)), ...malformed)
        })
    },
    {
      name: 'refuses a repeated signature',
      run: () =>
        withApp(contract, {}, async inject => {
          assert.ok(signaturePlace.repeat, 'the signature cannot be the whole body')
          assertRefusal(await inject(signaturePlace.repeat(request)), ...malformed)
        })
    },
    {
      name: 'accepts the spellings in alsoAccepts, and refuses all others',
      run: () =>
        withApp(contract, {}, async inject => {
          const accepted = alsoAccepts(signatureText)
          for (const spelling of accepted) {
            assertPassed(await inject(signaturePlace.write(request, spelling)))
          }
          for (const spelling of otherSpellings(signatureText).values()) {
            if (!accepted.includes(spelling)) {
              assertRefusal(await inject(signaturePlace.write(request, spelling)), ...malformed)
            }
          }
        })
    },
    ...covered.map(placeOf).flatMap(place => [
      {
        name: `refuses the request if ${place.name} changes`,
        run: () =>
          withApp(contract, {}, async inject => {
            assertRefusal(
              await inject(place.write(request, otherValue(place.read(request)))),
              invalid
            )
          })
      },
      {
        name: `refuses the request if ${place.name} is missing, empty, repeated or malformed`,
        run: () =>
          withApp(contract, {}, async inject => {
            const malformedRequests = [
              place.remove(request),
              place.write(request, ''),
              place.write(request, oddValue(place.read(request)))
            ]
            for (
              const malformedRequest of place.repeat === undefined
                ? malformedRequests
                : [...malformedRequests, place.repeat(request)]
            ) assertRefusal(await inject(malformedRequest))
          })
      }
    ]),
    ...request.body === undefined
      ? []
      : [{
        name: 'refuses a body with a Content-Encoding',
        run: () =>
          withApp(contract, {}, async inject => {
            assertRefusal(
              await inject({
                ...request,
                headers: { ...request.headers, 'content-encoding': 'gzip' }
              }),
              'FST_CC_CONTENT_ENCODING'
            )
          })
      }],
    {
      name: 'does not reveal the secret in a refusal',
      run: () =>
        withApp(contract, {}, async inject => {
          for (
            const refused of [
              signaturePlace.remove(request),
              signaturePlace.write(request, otherValue(signatureText))
            ]
          ) {
            const { status, body } = await inject(refused)
            assert.ok(status >= 400 && !body.includes(secret))
          }
        })
    }
  ]
}
