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
    why: 'The answer is "nobody", in the shape of the login status.',
    requests: bench => [requestTokenCheck(bench, { usercode: 'u1', token: otherToken })],
    complaint: createLoginCheck('nobody')
  },
  {
    name: 'no-token',
    title: 'no token',
    expected: 'either',
    why: 'An absent token is not a token.',
    requests: bench => [requestTokenCheck(bench, { usercode: 'u1' })],
    complaint: checkNotLoggedIn
  },
  {
    name: 'odd-token',
    title: 'a token with an accent and a line end in it',
    expected: 'either',
    why: 'It must not crash the service.',
    requests: bench => [requestTokenCheck(bench, { usercode: 'u1', token: 'é\n\u0000' })],
    complaint: checkNotLoggedIn
  },
  {
    name: 'two-tokens',
    title: 'two tokens',
    expected: 'either',
    why: 'It must not crash the service.',
    requests: bench => [requestTokenCheck(bench, `usercode=u1&token=a&token=${otherToken}`)],
    complaint: checkNotLoggedIn
  },
  {
    name: 'member-link',
    title: 'the link that an app opens',
    expected: 'accept',
    why: 'Online Contact checks the token itself, too, before it asks.',
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
    title: 'the token of a link, just issued',
    expected: 'accept',
    why: 'Online Contact asks this for every link. If the answer is no, the member is a guest.',
    missingSetting: requireLink,
    requests: async bench => [requestTokenCheck(bench, await fetchLink(bench))],
    complaint: createLoginCheck('somebody')
  },
  {
    name: 'blank-for-plus',
    title: 'the token with spaces instead of plus signs',
    expected: 'accept',
    why: 'An app that forgot to encode the token sends this.',
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
    title: 'the same token asked about twice',
    expected: 'either',
    why:
      'A lost question is repeated, and a link may be opened again. The answer is yes or no, in the shape of the login status.',
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
    title: 'the token of a link that is not the newest',
    expected: 'accept',
    why:
      'A member may have two devices. A site that remembers only the newest token makes one of them a guest.',
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
    ? 'It says that somebody is logged in.'
    : undefined
}
