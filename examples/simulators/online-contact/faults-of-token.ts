import { parseUrl } from 'fastify-contact-center/kit'
import { exchange, getRequest, parseObject, type WireAnswer } from '../shared/wire.ts'
import {
  cookieHeaders,
  requireLink,
  fetchLink,
  createLoginCheck,
  type OcFault,
  requestTokenCheck,
  checkToken
} from './bench.ts'

const otherToken = 'bm90IGEgdG9rZW4gdGhhdCB5b3UgZXZlciBpc3N1ZWQh'

/** Faults of GET links and the site's check of their tokens. */
export const tokenFaults: OcFault[] = [
  {
    name: 'unknown-token',
    title: 'a token that was never issued',
    expected: 'accept',
    why: 'The answer must be the login status of a guest.',
    requests: bench => [requestTokenCheck(bench, { usercode: 'u1', token: otherToken })],
    complaint: createLoginCheck('nobody')
  },
  {
    name: 'no-token',
    title: 'no token',
    expected: 'either',
    why: 'A missing token must not log anybody in.',
    requests: bench => [requestTokenCheck(bench, { usercode: 'u1' })],
    complaint: checkNotLoggedIn
  },
  {
    name: 'odd-token',
    title: 'a token with an accent and a line break',
    expected: 'either',
    why: 'The token must not crash the service.',
    requests: bench => [requestTokenCheck(bench, { usercode: 'u1', token: 'é\n\u0000' })],
    complaint: checkNotLoggedIn
  },
  {
    name: 'two-tokens',
    title: 'two tokens',
    expected: 'either',
    why: 'The token must not crash the service.',
    requests: bench => [requestTokenCheck(bench, `usercode=u1&token=a&token=${otherToken}`)],
    complaint: checkNotLoggedIn
  },
  {
    name: 'member-link',
    title: "an app's link",
    expected: 'accept',
    why: 'Online Contact checks the token before it asks the site.',
    missingSetting: requireLink,
    requests: bench => [getRequest(bench.linkUrl ?? '', cookieHeaders(bench))],
    complaint ({ headers: { location = '' } }, bench) {
      const target = parseUrl(location)
      if (target === null) return 'The answer must be a redirect to the link.'
      const { pathname, searchParams } = target
      const [, service = ''] = pathname.split('/')
      return checkToken({
        ...Object.fromEntries(searchParams),
        service: decodeURIComponent(service)
      }, bench)
    }
  },
  {
    name: 'issued-token',
    title: 'the token of a new link',
    expected: 'accept',
    why:
      'Online Contact verifies every link with the site. If the site denies the token, the member is a guest.',
    missingSetting: requireLink,
    requests: async bench => [requestTokenCheck(bench, await fetchLink(bench))],
    complaint: createLoginCheck('somebody')
  },
  {
    name: 'blank-for-plus',
    title: 'the token with spaces instead of plus signs',
    expected: 'accept',
    why: 'An app that does not encode the token sends this.',
    missingSetting: requireLink,
    async requests (bench) {
      const { usercode, token } = await fetchLink(bench)
      return [requestTokenCheck(bench, { usercode, token: token.replaceAll('+', ' ') })]
    },
    complaint: createLoginCheck('somebody')
  },
  {
    name: 'token-of-another',
    title: 'the token of a link, for another member',
    expected: 'accept',
    why: 'A token is valid only for its member.',
    missingSetting: requireLink,
    requests: async bench => [
      requestTokenCheck(bench, { ...await fetchLink(bench), usercode: 'somebody-else' })
    ],
    complaint: createLoginCheck('nobody')
  },
  {
    name: 'asked-twice',
    title: 'two checks of the same token',
    expected: 'either',
    why:
      'Online Contact repeats a lost check, and members open links again. The answer must be a login status, of the member or of a guest.',
    missingSetting: requireLink,
    async requests (bench) {
      const request = requestTokenCheck(bench, await fetchLink(bench))
      return [request, request]
    },
    complaint: answer =>
      createLoginCheck('somebody')(answer) === undefined ||
        createLoginCheck('nobody')(answer) === undefined
        ? undefined
        : createLoginCheck('somebody')(answer)
  },
  {
    name: 'out-of-order',
    title: 'the token of an older link',
    expected: 'accept',
    why:
      'A member may have two devices. A site that remembers only the newest token logs one of them out.',
    missingSetting: requireLink,
    async requests (bench) {
      const first = await fetchLink(bench)
      await exchange(requestTokenCheck(bench, await fetchLink(bench)))
      return [requestTokenCheck(bench, first)]
    },
    complaint: createLoginCheck('somebody')
  }
]

function checkNotLoggedIn ({ text }: WireAnswer): string | undefined {
  return String(parseObject(text)?.['login']) === 'true'
    ? 'The answer logs somebody in.'
    : undefined
}
