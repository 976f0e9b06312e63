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
    title: 'the status of nobody',
    expected: 'accept',
    why: "The vendor's table says Boolean, but its pages read strings.",
    requests: bench => [requestStatus(bench, [bench.origin])],
    complaint: createLoginCheck('nobody')
  },
  {
    name: 'member',
    title: 'the status of a member',
    expected: 'accept',
    why: 'The help centre uses it to show the member.',
    missingSetting: requireCookie,
    requests: bench => [requestStatus(bench, [bench.origin], true)],
    complaint: createLoginCheck('somebody')
  },
  {
    name: 'own-origin',
    title: "the status, asked by the help centre's page",
    expected: 'accept',
    why:
      'Without these three headers, the browser hides the answer from the page, or a cache gives it to another page.',
    requests: bench => [requestStatus(bench, [bench.origin])],
    complaint ({ headers }, { origin }) {
      if (headers['access-control-allow-origin'] !== origin) {
        return 'Access-Control-Allow-Origin must be the asking origin.'
      }
      if (headers['access-control-allow-credentials'] !== 'true') {
        return 'Access-Control-Allow-Credentials must be true.'
      }
      return /\borigin\b/i.test(headers.vary ?? '') ? undefined : 'Vary must name Origin.'
    }
  },
  {
    name: 'other-origin',
    title: "the status, asked by another site's page",
    expected: 'either',
    why: 'Any site that a member visits could find out who they are.',
    requests: bench => [requestStatus(bench, [attackerOrigin], true)],
    complaint: createOriginCheck(attackerOrigin)
  },
  {
    name: 'null-origin',
    title: 'the status, asked by origin null',
    expected: 'either',
    why: 'Every sandboxed frame has that origin.',
    requests: bench => [requestStatus(bench, ['null'], true)],
    complaint: createOriginCheck('null')
  },
  {
    name: 'look-alike-origin',
    title: 'the status, asked by an origin that begins like the right one',
    expected: 'either',
    why: 'An allow-list that compares beginnings protects nothing.',
    requests: bench => [requestStatus(bench, [`${bench.origin}.thief.example`], true)],
    complaint: (answer, { origin }) => createOriginCheck(`${origin}.thief.example`)(answer)
  },
  {
    name: 'two-origins',
    title: 'two Origin headers, one of another site',
    expected: 'either',
    why: 'No browser sends two. The answer must not be readable by the wrong one.',
    requests: bench => [requestStatus(bench, [attackerOrigin, bench.origin], true)],
    complaint: createOriginCheck(attackerOrigin)
  },
  {
    name: 'at-once',
    title: 'a member and a guest at once',
    expected: 'accept',
    why: "Nothing of the member's request may get into the guest's answer.",
    missingSetting: requireCookie,
    together: true,
    requests:
      bench => [requestStatus(bench, [bench.origin], true), requestStatus(bench, [bench.origin])],
    complaint: createLoginCheck('nobody')
  },
  {
    name: 'after-cut-connection',
    title: 'a question after a connection that broke',
    expected: 'accept',
    why: 'A browser that disconnects must not take the service down.',
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
      ? 'That origin may read the answer.'
      : undefined
}
