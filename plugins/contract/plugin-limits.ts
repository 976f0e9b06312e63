import assert from 'node:assert/strict'
import type { Limit } from '../kit/scheme.ts'
import { assertPassed, assertRefusal, withApp } from './inject.ts'
import type { ContractCase } from './case.ts'
import { now, secret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'

/** Limits that a changed request can show. */
const shownByRequests: readonly Limit[] = [
  'method-not-covered',
  'uri-not-covered',
  'headers-not-covered',
  'some-fields-not-covered'
]

/** Each declared limit of the request is true, and no other one is. */
export function requestLimitCases (contract: PluginContract): ContractCase[] {
  const { scheme, sign, variations = {} } = contract
  const declared = (limit: Limit): boolean => scheme.limits.includes(limit)

  return shownByRequests.filter(limit => declared(limit) || variations[limit] !== undefined).map(
    limit => ({
      name: declared(limit) ? `limit ${limit} is true` : `limit ${limit} does not apply`,
      run: () =>
        withApp(contract, {}, async inject => {
          const vary = variations[limit]
          assert.ok(vary, 'a declared limit needs a variation')
          const request = sign({ secret, time: now })
          assert.notDeepEqual(vary(request), request, 'the variation changes nothing')
          const reply = await inject(vary(request))
          if (declared(limit)) assertPassed(reply)
          else assertRefusal(reply, 'FST_CC_SIGNATURE_INVALID')
        })
    })
  )
}
