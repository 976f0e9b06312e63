import { setTimeout as sleep } from 'node:timers/promises'
import { formOf } from '../shared/form.ts'
import { exchange, type WireAnswer, type WireRequest } from '../shared/wire.ts'
import {
  helpCentre,
  lacksCookie,
  login,
  type OcFault,
  type OnlineContactBench,
  thief,
  wrongToken
} from './bench.ts'

/** The token of the preceding form, by request. */
const tokensBefore = new WeakMap<WireRequest, string>()

/** Faults of the login form and its return address. */
export const loginFaults: OcFault[] = [
  {
    name: 'member-form',
    title: 'the form that logs a member in',
    expected: 'accept',
    why:
      'Online Contact computes the token from the fields, and refuses one that is older than three minutes.',
    lacks: lacksCookie,
    requests: bench => [login(bench, helpCentre(bench))],
    complaint: wrongForm
  },
  {
    name: 'second-form',
    title: 'the form for a second visit',
    expected: 'accept',
    why: 'Online Contact accepts each form once, for three minutes. Sign every visit anew.',
    lacks: lacksCookie,
    async requests (bench) {
      const { text } = await exchange(login(bench, helpCentre(bench)))
      // Forms created in the same millisecond are identical.
      await sleep(5)
      const second = login(bench, helpCentre(bench))
      tokensBefore.set(second, fieldsOf(text, bench)['token'] ?? '')
      return [second]
    },
    complaint: (answer, bench, sent) =>
      wrongForm(answer, bench) ??
        (fieldsOf(answer.text, bench)['token'] === tokensBefore.get(sent)
          ? 'It is the previous form, which is used up.'
          : undefined)
  },
  openRedirect('return-elsewhere', 'a return address of another site', () => `${thief}/`),
  openRedirect(
    'return-relative',
    'a return address that begins with two slashes',
    () => '//thief.example/'
  ),
  openRedirect(
    'return-backslash',
    'a return address with a backslash',
    () => 'https:/\\thief.example/'
  ),
  openRedirect(
    'return-user-info',
    'the right host as the user name',
    ({ origin }) => `https://${new URL(origin).host}@thief.example/`
  ),
  openRedirect(
    'return-look-alike',
    'a host that begins like the right one',
    ({ origin }) => `https://${new URL(origin).hostname}.thief.example/`
  ),
  openRedirect('return-script', 'a script as the return address', () => 'javascript:alert(1)')
]

function wrongForm ({ text }: WireAnswer, bench: OnlineContactBench): string | undefined {
  try {
    return wrongToken(fieldsOf(text, bench), bench)
  } catch (error) {
    return `For a member who is signed in: ${(error as Error).message}.`
  }
}

/** @throws {Error} if the page has no form */
function fieldsOf (page: string, { loginUrl }: OnlineContactBench): Record<string, string> {
  return formOf(page, loginUrl).fields
}

/** A return address to which the site must neither redirect nor submit a form. */
function openRedirect (
  name: string,
  title: string,
  returnUrl: (bench: OnlineContactBench) => string
): OcFault {
  return {
    name,
    title,
    expected: 'either',
    why: 'A login page that redirects anywhere helps phishers.',
    requests: bench => [login(bench, returnUrl(bench))],
    complaint: ({ status, headers, text }) =>
      status !== null && status < 400 &&
        /thief\.example|javascript:/.test(`${headers.location} ${text}`)
        ? 'The answer contains the URL.'
        : undefined
  }
}
