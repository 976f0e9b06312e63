import { getRequest, type WireAnswer } from '../shared/wire.ts'
import { cookieHeaders, requireCookie, type OcFault, type OnlineContactBench } from './bench.ts'

/**
 * Faults of your site's own call to Online Contact. The simulator is set to each fault and then
 * reset.
 */
export const serverLoginFaults: OcFault[] = [
  {
    name: 'server-login',
    title: "a login from the site's server",
    expected: 'accept',
    why:
      'The site must redirect the member to the help centre with the access token, or to the return URL with usercode and time.',
    missingSetting: requireServerLogin,
    requests: requestServerLogin,
    complaint: ({ headers: { location = '' } }) =>
      /[?&](?:accessToken=.|usercode=.+&time=.)/.test(location)
        ? undefined
        : 'The answer must be a redirect with accessToken, or with usercode and time.'
  },
  createVendorFault(
    'server-login-slow',
    'Online Contact takes three seconds',
    { answers: 'slow' },
    'The site may wait or give up, but must answer the member.',
    'either'
  ),
  createVendorFault(
    'server-login-cut',
    'Online Contact closes the connection',
    { answers: 'cut' },
    'The site must report the failure and answer the member.'
  ),
  createVendorFault(
    'server-login-failing',
    'Online Contact answers 500',
    { answers: 'failing' },
    'The site must report the failure and answer the member.'
  ),
  createVendorFault(
    'server-login-garbled',
    'Online Contact answers 200 with a page',
    { answers: 'garbled' },
    'A status of 200 is not an access token.'
  ),
  createVendorFault(
    'server-login-clock-ahead',
    "Online Contact's clock is four minutes ahead",
    {
      clock: '240'
    },
    'Online Contact refuses the login as too old. The site must not redirect the member without a token.'
  ),
  createVendorFault(
    'server-login-clock-behind',
    "Online Contact's clock is four minutes behind",
    {
      clock: '-240'
    },
    'Online Contact refuses the login as too new. The site must not redirect the member without a token.'
  )
]

const defaultSettings = { answers: 'as usual', clock: '0' }

function createVendorFault (
  name: string,
  title: string,
  settings: Partial<typeof defaultSettings>,
  why: string,
  expected: 'refuse' | 'either' = 'refuse'
): OcFault {
  return {
    name,
    title,
    expected,
    why,
    missingSetting: requireServerLogin,
    vendorFails: true,
    around: {
      before: async bench => {
        await setSimulator(bench, settings)
      },
      after: async bench => {
        await setSimulator(bench, defaultSettings)
      }
    },
    requests: requestServerLogin,
    ...expected === 'refuse' && { complaint: checkRedirect }
  }
}

function requestServerLogin (bench: OnlineContactBench) {
  return [getRequest(bench.serverLoginUrl ?? '', cookieHeaders(bench))]
}

function checkRedirect ({ headers: { location = '' } }: WireAnswer): string | undefined {
  return location.includes('accessToken=')
    ? 'The answer redirects the member with an invalid access token.'
    : undefined
}

async function requireServerLogin (bench: OnlineContactBench): Promise<string | undefined> {
  if (requireCookie(bench) !== undefined) return requireCookie(bench)
  if (bench.serverLoginUrl === undefined) return 'no URL for the server-side login is set'
  const isRunning = await fetch(`${bench.origin}/lab/settings`, {
    signal: AbortSignal.timeout(2000)
  })
    .then(answer => answer.ok, () => false)
  return isRunning
    ? undefined
    : 'no simulator runs at the origin of the help centre: start it with npm run lab'
}

async function setSimulator (
  { origin }: OnlineContactBench,
  settings: Partial<typeof defaultSettings>
): Promise<void> {
  const answer = await fetch(`${origin}/lab/settings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings)
  })
  if (!answer.ok) {
    throw new Error(`the simulator at ${origin} refused the settings: ${answer.status}`)
  }
}
