import { get, type WireAnswer } from '../shared/wire.ts'
import { cookies, lacksCookie, type OcFault, type OnlineContactBench } from './bench.ts'

/**
 * Faults of your site's own call to Online Contact. The simulator is set to each fault and then
 * reset.
 */
export const serverLoginFaults: OcFault[] = [
  {
    name: 'server-login',
    title: "a login by the site's server",
    expected: 'accept',
    why:
      'The site redirects the member to the help centre with the access token, or to the return URL with usercode and time.',
    lacks,
    requests: ask,
    complaint: ({ headers: { location = '' } }) =>
      /[?&](?:accessToken=.|usercode=.+&time=.)/.test(location)
        ? undefined
        : 'The answer must be a redirect with accessToken, or with usercode and time.'
  },
  upset(
    'server-login-slow',
    'Online Contact takes three seconds',
    { answers: 'slow' },
    'Waiting is right, and so is giving up, if the member gets an answer.',
    'either'
  ),
  upset(
    'server-login-cut',
    'Online Contact closes the connection',
    { answers: 'cut' },
    'The site must report it rather than fail.'
  ),
  upset(
    'server-login-failing',
    'Online Contact answers 500',
    { answers: 'failing' },
    'The site must report it rather than fail.'
  ),
  upset(
    'server-login-garbled',
    'Online Contact answers 200 with a page',
    { answers: 'garbled' },
    'A status of 200 is not an access token.'
  ),
  upset('server-login-clock-ahead', "Online Contact's clock is four minutes ahead", {
    clock: '240'
  }, 'It refuses the login as too old. The site must not redirect the member without a token.'),
  upset('server-login-clock-behind', "Online Contact's clock is four minutes behind", {
    clock: '-240'
  }, 'It refuses the login as too new. The site must not redirect the member without a token.')
]

const usual = { answers: 'as usual', clock: '0' }

function upset (
  name: string,
  title: string,
  settings: Partial<typeof usual>,
  why: string,
  expected: 'refuse' | 'either' = 'refuse'
): OcFault {
  return {
    name,
    title,
    expected,
    why,
    lacks,
    vendorFails: true,
    around: {
      before: async bench => {
        await setStandIn(bench, settings)
      },
      after: async bench => {
        await setStandIn(bench, usual)
      }
    },
    requests: ask,
    ...expected === 'refuse' && { complaint: leadsNowhere }
  }
}

function ask (bench: OnlineContactBench) {
  return [get(bench.serverLoginUrl ?? '', cookies(bench))]
}

function leadsNowhere ({ headers: { location = '' } }: WireAnswer): string | undefined {
  return location.includes('accessToken=')
    ? 'It redirects the member with an invented access token.'
    : undefined
}

async function lacks (bench: OnlineContactBench): Promise<string | undefined> {
  if (lacksCookie(bench) !== undefined) return lacksCookie(bench)
  if (bench.serverLoginUrl === undefined) return 'no address that logs in by the server is set'
  const isThere = await fetch(`${bench.origin}/lab/settings`, { signal: AbortSignal.timeout(2000) })
    .then(answer => answer.ok, () => false)
  return isThere
    ? undefined
    : 'no stand-in runs at the origin of the help centre: start one with npm run lab'
}

async function setStandIn (
  { origin }: OnlineContactBench,
  settings: Partial<typeof usual>
): Promise<void> {
  const answer = await fetch(`${origin}/lab/settings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings)
  })
  if (!answer.ok) throw new Error(`the stand-in at ${origin} accepts no settings: ${answer.status}`)
}
