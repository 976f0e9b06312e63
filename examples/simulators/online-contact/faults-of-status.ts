import type { WireAnswer } from '../shared/wire.ts'
import {
  requireCookie,
  createLoginCheck,
  type OcFault,
  requestStatus,
  attackerOrigin
} from './bench.ts'

/** Faults of the login status, which the help centre's pages request from their own origin. */
export const statusFaults: OcFault[] = [
  {
    name: 'guest',
    title: 'the status of a guest',
    expected: 'accept',
    why: "The vendor's documentation says Boolean, but its pages read strings.",
    requests: bench => [requestStatus(bench, [bench.origin])],
    complaint: createLoginCheck('nobody')
  },
  {
    name: 'member',
    title: 'the status of a member',
    expected: 'accept',
    why: 'The help centre shows the member by this status.',
    missingSetting: requireCookie,
    requests: bench => [requestStatus(bench, [bench.origin], true)],
    complaint: createLoginCheck('somebody')
  },
  {
    name: 'own-origin',
    title: "the status, requested by the help centre's page",
    expected: 'accept',
    why:
      'Without the three headers, the browser hides the answer from the page, or a cache serves it to another page.',
    requests: bench => [requestStatus(bench, [bench.origin])],
    complaint ({ headers }, { origin }) {
      if (headers['access-control-allow-origin'] !== origin) {
        return 'Access-Control-Allow-Origin must be the origin of the request.'
      }
      if (headers['access-control-allow-credentials'] !== 'true') {
        return 'Access-Control-Allow-Credentials must be true.'
      }
      return /\borigin\b/i.test(headers.vary ?? '') ? undefined : 'Vary must name Origin.'
    }
  },
  {
    name: 'other-origin',
    title: "the status, requested by another site's page",
    expected: 'either',
    why: 'Otherwise any site can identify its visitors.',
    requests: bench => [requestStatus(bench, [attackerOrigin], true)],
    complaint: createOriginCheck(attackerOrigin)
  },
  {
    name: 'null-origin',
    title: 'the status, requested by the origin null',
    expected: 'either',
    why: 'Every sandboxed frame has this origin.',
    requests: bench => [requestStatus(bench, ['null'], true)],
    complaint: createOriginCheck('null')
  },
  {
    name: 'look-alike-origin',
    title: 'the status, requested by a look-alike origin',
    expected: 'either',
    why: 'An allow-list that compares prefixes accepts an attacker.',
    requests: bench => [requestStatus(bench, [`${bench.origin}.thief.example`], true)],
    complaint: (answer, { origin }) => createOriginCheck(`${origin}.thief.example`)(answer)
  },
  {
    name: 'two-origins',
    title: 'two Origin headers, one of another site',
    expected: 'either',
    why: 'No browser sends two. The wrong origin must not be able to read the answer.',
    requests: bench => [requestStatus(bench, [attackerOrigin, bench.origin], true)],
    complaint: createOriginCheck(attackerOrigin)
  },
  {
    name: 'at-once',
    title: 'a member and a guest at once',
    expected: 'accept',
    why: "The guest's answer must not contain the member's status.",
    missingSetting: requireCookie,
    together: true,
    requests:
      bench => [requestStatus(bench, [bench.origin], true), requestStatus(bench, [bench.origin])],
    complaint: createLoginCheck('nobody')
  },
  {
    name: 'after-cut-connection',
    title: 'a request after a connection that broke',
    expected: 'accept',
    why: 'A browser that disconnects must not crash the service.',
    requests: bench => [
      { ...requestStatus(bench, [bench.origin]), cut: true },
      requestStatus(bench, [bench.origin])
    ],
    complaint: createLoginCheck('nobody')
  }
]

function createOriginCheck (origin: string) {
  return ({ headers }: WireAnswer): string | undefined =>
    (headers['access-control-allow-origin'] ?? '').split(/[, ]+/).some(allowedOrigin =>
        allowedOrigin === '*' || allowedOrigin === origin
      )
      ? 'The headers let that origin read the answer.'
      : undefined
}
