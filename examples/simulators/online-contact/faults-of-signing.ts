import { isBlank } from 'fastify-contact-center/online-contact'
import { jsonPost, objectIn, type WireAnswer, type WireRequest } from '../shared/wire.ts'
import { type OcFault, type OnlineContactBench, wrongToken } from './bench.ts'

const member = { usercode: 'u1', username: 'Kim', email: 'kim@example.com', phone: '01012345678' }

/** The lab's member fields, signed by a test installation. */
export const signingFaults: OcFault[] = [
  challenge(
    'signed-fields',
    'member fields as usual',
    member,
    'If this fails, nothing else means anything.'
  ),
  challenge('reordered-fields', 'the fields in another order', {
    phone: '01012345678',
    email: 'kim@example.com',
    username: 'Kim',
    usercode: 'u1'
  }, "They are always joined in the vendor's order."),
  challenge(
    'member-number',
    'a member number',
    { ...member, memberno: 'M-1' },
    'It comes after the phone number.'
  ),
  challenge(
    'null',
    'null and empty fields',
    { ...member, username: null, phone: '' },
    'Blank fields are left out, and so is their separator.'
  ),
  challenge(
    'blank',
    'a field with only an ideographic space',
    { ...member, username: '\u3000' },
    'Java decides what is blank.'
  ),
  challenge(
    'no-break-space',
    'a field with only a no-break space',
    { ...member, username: '\u00a0' },
    'To Java it is not blank. Services that trim like JavaScript or Python leave it out.'
  ),
  challenge(
    'spaces',
    'spaces at both ends of a value',
    { ...member, username: '  Kim  ' },
    'Values are not trimmed.'
  ),
  challenge(
    'non-ascii',
    'Korean, accents and an emoji',
    { ...member, username: '홍길동 é 😀' },
    'The joined text is UTF-8, and nothing in it is URL-encoded.'
  ),
  challenge('long-number', 'a usercode of 19 digits', {
    ...member,
    usercode: '1197765398201387013'
  }, 'It is text. A double loses the last digits.'),
  challenge(
    'separator',
    'an & inside a value',
    { ...member, username: 'Kim & Lee' },
    'The joined text has no escapes. Refuse such values, or sign them right.',
    'either'
  ),
  {
    ...challenge('slow-body', 'fields that arrive in pieces', member, 'Networks do that.'),
    requests: bench => [{ ...ask(bench, member), pauseMs: 100 }]
  }
]

type Fields = Record<string, string | null>

function challenge (
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
    lacks: ({ signUrl }) =>
      signUrl === undefined ? 'no address that signs member fields is set' : undefined,
    requests: bench => [ask(bench, fields)],
    complaint: (answer, bench) =>
      answer.status !== null && answer.status >= 400
        ? undefined
        : wrongFields(answer, bench) ?? lost(fields, answer.text)
  }
}

function ask ({ signUrl = '' }: OnlineContactBench, fields: Fields): WireRequest {
  return jsonPost(signUrl, JSON.stringify(fields))
}

function wrongFields ({ text }: WireAnswer, bench: OnlineContactBench): string | undefined {
  const answered = objectIn(text)
  if (answered === undefined) {
    return 'The answer must be a JSON object with the fields, service, time and token.'
  }
  return wrongToken(
    Object.fromEntries(
      Object.entries(answered).filter(([, value]) => value !== null).map((
        [name, value]
      ) => [name, String(value)])
    ),
    bench
  )
}

/** The sent fields that are missing or changed in the response. Ignores blank ones. */
function lost (sent: Fields, received: string): string | undefined {
  const answered = objectIn(received) ?? {}
  const missing = Object.keys(sent).filter(name =>
    !isBlank(sent[name] ?? '') && answered[name] !== sent[name]
  )
  return missing.length === 0
    ? undefined
    : `The fields came back without ${missing.join(', ')}, or with another one.`
}
