import { isBlank } from 'fastify-contact-center/online-contact'
import { jsonPost, parseObject, type WireAnswer, type WireRequest } from '../shared/wire.ts'
import { type OcFault, type OnlineContactBench, checkToken } from './bench.ts'

const member = { usercode: 'u1', username: 'Kim', email: 'kim@example.com', phone: '01012345678' }

/** The lab's member fields, signed by a test installation. */
export const signingFaults: OcFault[] = [
  createChallenge(
    'signed-fields',
    'ordinary member fields',
    member,
    'If this fails, the other results mean nothing.'
  ),
  createChallenge('reordered-fields', 'the fields in another order', {
    phone: '01012345678',
    email: 'kim@example.com',
    username: 'Kim',
    usercode: 'u1'
  }, "The signed text always has the vendor's order."),
  createChallenge(
    'member-number',
    'a member number',
    { ...member, memberno: 'M-1' },
    'The member number follows the phone number in the signed text.'
  ),
  createChallenge(
    'null',
    'null and empty fields',
    { ...member, username: null, phone: '' },
    'The signed text omits blank fields and their separators.'
  ),
  createChallenge(
    'blank',
    'a field with only an ideographic space',
    { ...member, username: '\u3000' },
    "The vendor uses Java's definition of blank, and this space is blank in Java."
  ),
  createChallenge(
    'no-break-space',
    'a field with only a no-break space',
    { ...member, username: '\u00a0' },
    'This space is not blank in Java. Services that trim like JavaScript or Python omit the field.'
  ),
  createChallenge(
    'spaces',
    'spaces at both ends of a value',
    { ...member, username: '  Kim  ' },
    'Values are not trimmed.'
  ),
  createChallenge(
    'non-ascii',
    'Korean, accents and an emoji',
    { ...member, username: '홍길동 é 😀' },
    'The signed text is UTF-8 without URL encoding.'
  ),
  createChallenge('long-number', 'a usercode of 19 digits', {
    ...member,
    usercode: '1197765398201387013'
  }, 'A usercode is a string. A double loses the last digits.'),
  createChallenge(
    'separator',
    'an & inside a value',
    { ...member, username: 'Kim & Lee' },
    'The joined text has no escapes. The service must sign such values unchanged, or refuse them.',
    'either'
  ),
  {
    ...createChallenge(
      'slow-body',
      'fields that arrive in pieces',
      member,
      'Networks split bodies.'
    ),
    requests: bench => [{ ...requestSigning(bench, member), pauseMs: 100 }]
  }
]

type Fields = Record<string, string | null>

function createChallenge (
  name: string,
  title: string,
  fields: Fields,
  why: string,
  expected: 'accept' | 'either' = 'accept'
): OcFault {
  return {
    name,
    title,
    expected,
    why,
    missingSetting: ({ signUrl }) =>
      signUrl === undefined ? 'no URL that signs member fields is set' : undefined,
    requests: bench => [requestSigning(bench, fields)],
    complaint: (answer, bench) =>
      answer.status !== null && answer.status >= 400
        ? undefined
        : checkFields(answer, bench) ?? findLostFields(fields, answer.text)
  }
}

function requestSigning ({ signUrl = '' }: OnlineContactBench, fields: Fields): WireRequest {
  return jsonPost(signUrl, JSON.stringify(fields))
}

function checkFields ({ text }: WireAnswer, bench: OnlineContactBench): string | undefined {
  const returned = parseObject(text)
  if (returned === undefined) {
    return 'The answer must be a JSON object with the fields, service, time and token.'
  }
  return checkToken(
    Object.fromEntries(
      Object.entries(returned).filter(([, value]) => value !== null).map((
        [name, value]
      ) => [name, String(value)])
    ),
    bench
  )
}

/** The sent fields that are missing or changed in the response. Ignores blank ones. */
function findLostFields (sent: Fields, received: string): string | undefined {
  const returned = parseObject(received) ?? {}
  const missing = Object.keys(sent).filter(name =>
    !isBlank(sent[name] ?? '') && returned[name] !== sent[name]
  )
  return missing.length === 0
    ? undefined
    : `The answer lacks or changes ${missing.join(', ')}.`
}
