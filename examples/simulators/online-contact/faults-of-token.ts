import { parseUrl } from 'fastify-contact-center/kit'
import { exchange, get, objectIn, type WireAnswer } from '../shared/wire.ts'
import {
  cookies,
  lacksLink,
  link,
  mustSay,
  type OcFault,
  verifyToken,
  wrongToken
} from './bench.ts'

const otherToken = 'bm90IGEgdG9rZW4gdGhhdCB5b3UgZXZlciBpc3N1ZWQh'

/** Faults of GET links and the site's check of their tokens. */
export const tokenFaults: OcFault[] = [
  {
    name: 'unknown-token',
    title: 'a token that was never issued',
    expected: 'accept',
    why: 'The answer is "nobody", in the shape of the login status.',
    requests: bench => [verifyToken(bench, { usercode: 'u1', token: otherToken })],
    complaint: mustSay('nobody')
  },
  {
    name: 'no-token',
    title: 'no token',
    expected: 'either',
    why: 'An absent token is not a token.',
    requests: bench => [verifyToken(bench, { usercode: 'u1' })],
    complaint: mustNotSayYes
  },
  {
    name: 'odd-token',
    title: 'a token with an accent and a line end in it',
    expected: 'either',
    why: 'It must not crash the service.',
    requests: bench => [verifyToken(bench, { usercode: 'u1', token: 'é\n\u0000' })],
    complaint: mustNotSayYes
  },
  {
    name: 'two-tokens',
    title: 'two tokens',
    expected: 'either',
    why: 'It must not crash the service.',
    requests: bench => [verifyToken(bench, `usercode=u1&token=a&token=${otherToken}`)],
    complaint: mustNotSayYes
  },
  {
    name: 'member-link',
    title: 'the link that an app opens',
    expected: 'accept',
    why: 'Online Contact checks the token itself, too, before it asks.',
    lacks: lacksLink,
    requests: bench => [get(bench.linkUrl ?? '', cookies(bench))],
    complaint ({ headers: { location = '' } }, bench) {
      const target = parseUrl(location)
      if (target === null) return 'The answer must be a redirect to the link.'
      const { pathname, searchParams } = target
      const [, service = ''] = pathname.split('/')
      return wrongToken({
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
    lacks: lacksLink,
    requests: async bench => [verifyToken(bench, await link(bench))],
    complaint: mustSay('somebody')
  },
  {
    name: 'blank-for-plus',
    title: 'the token with spaces instead of plus signs',
    expected: 'accept',
    why: 'An app that forgot to encode the token sends this.',
    lacks: lacksLink,
    async requests (bench) {
      const { usercode, token } = await link(bench)
      return [verifyToken(bench, { usercode, token: token.replaceAll('+', ' ') })]
    },
    complaint: mustSay('somebody')
  },
  {
    name: 'token-of-another',
    title: 'the token of a link, for another member',
    expected: 'accept',
    why: 'A token is valid only for its member.',
    lacks: lacksLink,
    requests:
      async bench => [verifyToken(bench, { ...await link(bench), usercode: 'somebody-else' })],
    complaint: mustSay('nobody')
  },
  {
    name: 'asked-twice',
    title: 'the same token asked about twice',
    expected: 'either',
    why:
      'A lost question is repeated, and a link may be opened again. The answer is yes or no, in the shape of the login status.',
    lacks: lacksLink,
    async requests (bench) {
      const question = verifyToken(bench, await link(bench))
      return [question, question]
    },
    complaint: answer =>
      mustSay('somebody')(answer) === undefined || mustSay('nobody')(answer) === undefined
        ? undefined
        : mustSay('somebody')(answer)
  },
  {
    name: 'out-of-order',
    title: 'the token of a link that is not the newest',
    expected: 'accept',
    why:
      'A member may have two devices. A site that remembers only the newest token makes one of them a guest.',
    lacks: lacksLink,
    async requests (bench) {
      const first = await link(bench)
      await exchange(verifyToken(bench, await link(bench)))
      return [verifyToken(bench, first)]
    },
    complaint: mustSay('somebody')
  }
]

function mustNotSayYes ({ text }: WireAnswer): string | undefined {
  return String(objectIn(text)?.['login']) === 'true'
    ? 'It says that somebody is logged in.'
    : undefined
}
