import { setTimeout as sleep } from 'node:timers/promises'
import { parseForm } from '../shared/form.ts'
import { exchange, type WireAnswer, type WireRequest } from '../shared/wire.ts'
import {
  helpCentreUrl,
  requireCookie,
  requestLogin,
  type OcFault,
  type OnlineContactBench,
  attackerOrigin,
  checkToken
} from './bench.ts'

/** The token of the preceding form, by request. */
const previousTokens = new WeakMap<WireRequest, string>()

/** Faults of the login form and its return address. */
export const loginFaults: OcFault[] = [
  {
    name: 'member-form',
    title: 'the login form of a member',
    expected: 'accept',
    why:
      'Online Contact computes the token from the fields, and refuses tokens older than three minutes.',
    missingSetting: requireCookie,
    requests: bench => [requestLogin(bench, helpCentreUrl(bench))],
    complaint: checkForm
  },
  {
    name: 'second-form',
    title: 'the form for a second visit',
    expected: 'accept',
    why:
      'Online Contact accepts each form once, for three minutes. The site must sign a new form for every visit.',
    missingSetting: requireCookie,
    async requests (bench) {
      const { text } = await exchange(requestLogin(bench, helpCentreUrl(bench)))
      // Forms created in the same millisecond are identical.
      await sleep(5)
      const second = requestLogin(bench, helpCentreUrl(bench))
      previousTokens.set(second, parseFields(text, bench)['token'] ?? '')
      return [second]
    },
    complaint: (answer, bench, sent) =>
      checkForm(answer, bench) ??
        (parseFields(answer.text, bench)['token'] === previousTokens.get(sent)
          ? 'The form is the previous one, and already used.'
          : undefined)
  },
  createOpenRedirect(
    'return-elsewhere',
    'a return URL of another site',
    () => `${attackerOrigin}/`
  ),
  createOpenRedirect(
    'return-relative',
    'a return URL that begins with two slashes',
    () => '//thief.example/'
  ),
  createOpenRedirect(
    'return-backslash',
    'a return URL with a backslash',
    () => 'https:/\\thief.example/'
  ),
  createOpenRedirect(
    'return-user-info',
    'a return URL with the right host as the user name',
    ({ origin }) => `https://${new URL(origin).host}@thief.example/`
  ),
  createOpenRedirect(
    'return-look-alike',
    'a return URL with a look-alike host',
    ({ origin }) => `https://${new URL(origin).hostname}.thief.example/`
  ),
  createOpenRedirect('return-script', 'a script as the return URL', () => 'javascript:alert(1)')
]

function checkForm ({ text }: WireAnswer, bench: OnlineContactBench): string | undefined {
  try {
    return checkToken(parseFields(text, bench), bench)
  } catch (error) {
    return `For a signed-in member: ${(error as Error).message}.`
  }
}

/** @throws {Error} if the page has no form */
function parseFields (page: string, { loginUrl }: OnlineContactBench): Record<string, string> {
  return parseForm(page, loginUrl).fields
}

/** A return address to which the site must neither redirect nor submit a form. */
function createOpenRedirect (
  name: string,
  title: string,
  returnUrl: (bench: OnlineContactBench) => string
): OcFault {
  return {
    name,
    title,
    expected: 'either',
    why: 'A login page with an open redirect helps phishers.',
    requests: bench => [requestLogin(bench, returnUrl(bench))],
    complaint: ({ status, headers, text }) =>
      status !== null && status < 400 &&
        /thief\.example|javascript:/.test(`${headers.location} ${text}`)
        ? 'The answer contains the URL.'
        : undefined
  }
}
