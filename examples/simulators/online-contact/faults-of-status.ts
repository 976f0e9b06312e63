import type { WireAnswer } from '../shared/wire.ts'
import { lacksCookie, mustSay, type OcFault, status, thief } from './bench.ts'

/** Faults of the login status, which the help centre's pages request from their own origin. */
export const statusFaults: OcFault[] = [
  {
    name: 'guest',
    title: 'the status of nobody',
    expected: 'accept',
    why: "The vendor's table says Boolean, but its pages read strings.",
    requests: bench => [status(bench, [bench.origin])],
    complaint: mustSay('nobody')
  },
  {
    name: 'member',
    title: 'the status of a member',
    expected: 'accept',
    why: 'The help centre uses it to show the member.',
    lacks: lacksCookie,
    requests: bench => [status(bench, [bench.origin], true)],
    complaint: mustSay('somebody')
  },
  {
    name: 'own-origin',
    title: "the status, asked by the help centre's page",
    expected: 'accept',
    why:
      'Without these three headers, the browser hides the answer from the page, or a cache gives it to another page.',
    requests: bench => [status(bench, [bench.origin])],
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
    requests: bench => [status(bench, [thief], true)],
    complaint: isClosedTo(thief)
  },
  {
    name: 'null-origin',
    title: 'the status, asked by origin null',
    expected: 'either',
    why: 'Every sandboxed frame has that origin.',
    requests: bench => [status(bench, ['null'], true)],
    complaint: isClosedTo('null')
  },
  {
    name: 'look-alike-origin',
    title: 'the status, asked by an origin that begins like the right one',
    expected: 'either',
    why: 'An allow-list that compares beginnings protects nothing.',
    requests: bench => [status(bench, [`${bench.origin}.thief.example`], true)],
    complaint: (answer, { origin }) => isClosedTo(`${origin}.thief.example`)(answer)
  },
  {
    name: 'two-origins',
    title: 'two Origin headers, one of another site',
    expected: 'either',
    why: 'No browser sends two. The answer must not be readable by the wrong one.',
    requests: bench => [status(bench, [thief, bench.origin], true)],
    complaint: isClosedTo(thief)
  },
  {
    name: 'at-once',
    title: 'a member and a guest at once',
    expected: 'accept',
    why: "Nothing of the member's request may get into the guest's answer.",
    lacks: lacksCookie,
    together: true,
    requests: bench => [status(bench, [bench.origin], true), status(bench, [bench.origin])],
    complaint: mustSay('nobody')
  },
  {
    name: 'after-cut-connection',
    title: 'a question after a connection that broke',
    expected: 'accept',
    why: 'A browser that disconnects must not take the service down.',
    requests:
      bench => [{ ...status(bench, [bench.origin]), cut: true }, status(bench, [bench.origin])],
    complaint: mustSay('nobody')
  }
]

function isClosedTo (origin: string) {
  return ({ headers }: WireAnswer): string | undefined =>
    (headers['access-control-allow-origin'] ?? '').split(/[, ]+/).some(one =>
        one === '*' || one === origin
      )
      ? 'That origin may read the answer.'
      : undefined
}
