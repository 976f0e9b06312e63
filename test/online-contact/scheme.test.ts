import {
  createScheme,
  isBlank,
  scheme,
  type OnlineContactInput
} from 'fastify-contact-center/online-contact'
import { InputError } from 'fastify-contact-center/kit'
import t from 'tap'
import { vectorsOf } from '../helper.ts'

const secret = 'a-key-of-at-least-16'
const input: OnlineContactInput = { service: 'shop', usercode: 'u1', time: '1660095873001' }
const messageOf = (more: Partial<OnlineContactInput>, options = {}) =>
  createScheme(options).message({ ...input, ...more }, secret)

t.test('matches the known answers', async t => {
  for (const vector of vectorsOf<OnlineContactInput>('online-contact')) {
    const scheme = createScheme(vector.options)
    t.equal(scheme.sign(vector.input, vector.secret), vector.signature, vector.name)
    t.ok(scheme.verify(vector.input, vector.signature, vector.secret), vector.name)
    if (vector.message !== undefined) {
      t.equal(scheme.message(vector.input, vector.secret), vector.message, vector.name)
    }
  }
})

t.test('the message joins non-blank values, untrimmed, in a fixed order', async t => {
  t.equal(
    messageOf({
      returnUrl: 'https://x/?a&b',
      memberno: 'M',
      phone: ' 1 ',
      email: 'e',
      username: 'n'
    }),
    'shop&u1&n&e& 1 &M&https://x/?a&b&1660095873001'
  )
  t.equal(
    messageOf({ username: '', email: '\t\u001c \u2028' }),
    'shop&u1&1660095873001',
    'blank control characters are left out, not refused'
  )
  for (const time of [1660095873001, 1660095873001n]) {
    t.equal(messageOf({ time }), 'shop&u1&1660095873001', typeof time)
  }
  t.equal(messageOf({ time: 9223372036854775807n }), 'shop&u1&9223372036854775807')
  t.equal(messageOf({ time: '0001' }), 'shop&u1&0001', 'text is signed as received')
})

t.test('treats the same characters as blank as Java', async t => {
  const blank: number[] = []
  for (let unit = 0; unit <= 0xffff; unit++) {
    if (isBlank(String.fromCharCode(unit))) blank.push(unit)
  }
  t.strictSame(blank, [
    0x9,
    0xa,
    0xb,
    0xc,
    0xd,
    0x1c,
    0x1d,
    0x1e,
    0x1f,
    0x20,
    0x1680,
    0x2000,
    0x2001,
    0x2002,
    0x2003,
    0x2004,
    0x2005,
    0x2006,
    0x2008,
    0x2009,
    0x200a,
    0x2028,
    0x2029,
    0x205f,
    0x3000
  ])
  t.ok(isBlank(''))
  t.notOk(isBlank('  x'))
})

t.test('the declared limits are true', async t => {
  const assertSameText = (
    first: Partial<OnlineContactInput>,
    second: Partial<OnlineContactInput>
  ) => t.equal(messageOf(first), messageOf(second))
  assertSameText({ username: 'x' }, { email: 'x' })
  assertSameText({ returnUrl: 'x&y' }, { username: 'x', returnUrl: 'y' })
  assertSameText({ username: ' ' }, {})
  t.strictSame(scheme.limits, [
    'no-nonce',
    'unescaped-separator',
    'unnamed-fields',
    'some-fields-not-covered',
    'method-not-covered',
    'uri-not-covered',
    'headers-not-covered'
  ])
})

t.test('verify returns false for every other spelling of a token, and never throws', async t => {
  const signature = scheme.sign(input, secret)
  const spellings: Record<string, unknown> = {
    'one character changed': (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1),
    'without padding': signature.slice(0, -1),
    'another spelling of the same bytes': signature.slice(0, -2) +
      String.fromCharCode(signature.charCodeAt(42) + 1) + '=',
    'a space for a plus': 'A'.repeat(41) + ' A=',
    hex: Buffer.from(signature, 'base64').toString('hex'),
    'the same length in characters, more bytes': 'é'.repeat(44),
    empty: '',
    'not a string': undefined
  }
  for (const [name, value] of Object.entries(spellings)) {
    t.equal(scheme.verify(input, value as string, secret), false, name)
  }
  t.ok(scheme.verify(input, signature, secret))
  t.notOk(scheme.verify({ ...input, usercode: 'u2' }, signature, secret))
  t.notOk(scheme.verify(input, signature, 'another-key-of-no-use'))
})

t.test('refuses unsafe input', async t => {
  const refused: Record<string, [Partial<OnlineContactInput>, RegExp]> = {
    'a lone surrogate': [{ username: '\ud800' }, /username is ill-formed/],
    'a lone surrogate in the return URL': [{ returnUrl: '\ud800' }, /returnUrl is ill-formed/],
    'an ampersand': [{ username: 'x&y' }, /username must not hold "&"/],
    'an ampersand in a required field': [{ usercode: 'u1&x' }, /usercode must not hold "&"/],
    'a control character': [{ email: 'a\nb' }, /email must not hold control/],
    'a C1 control character': [{ phone: '1\u0085' }, /phone must not hold control/],
    'a blank service': [{ service: '' }, /service must not be blank/],
    'a blank user code': [{ usercode: ' \u3000' }, /usercode must not be blank/],
    'a time with letters': [{ time: '1e3' }, /time must be/],
    'no time': [{ time: '' }, /time must be/],
    'a negative time': [{ time: -1 }, /time must be/],
    'a time beyond 64 bits': [{ time: 9223372036854775808n }, /time must be/],
    'digits of another script': [{ time: '١٢٣' }, /time must be/]
  }
  for (
    const [name, length] of Object.entries({
      service: 50,
      usercode: 50,
      username: 50,
      email: 100,
      phone: 20,
      memberno: 50
    })
  ) {
    t.ok(messageOf({ [name]: 'x'.repeat(length) }), `${name} of ${length}`)
    refused[`${name} of ${length + 1}`] = [
      { [name]: 'x'.repeat(length + 1) },
      new RegExp(`${name} must be at most ${length} characters`)
    ]
  }
  for (const [name, [fields, message]] of Object.entries(refused)) {
    t.throws(
      () => scheme.sign({ ...input, ...fields }, secret),
      { name: 'InputError', message },
      name
    )
    t.throws(
      () => scheme.verify({ ...input, ...fields }, 'x', secret),
      InputError,
      `${name}, verifying`
    )
    t.throws(() => scheme.message({ ...input, ...fields }, secret), InputError, `${name}, message`)
  }
})

t.test('throws TypeError on misuse', async t => {
  const misuse: Record<string, () => unknown> = {
    'no secret': () => scheme.sign(input, ''),
    'a secret that is not text': () => scheme.verify(input, '', 1 as unknown as string),
    'no secret for the message': () => scheme.message(input, ''),
    'no user code': () =>
      scheme.sign({ service: 's', time: 1 } as unknown as OnlineContactInput, secret),
    'a number for a text': () => scheme.sign({ ...input, phone: 1 as unknown as string }, secret),
    'null for a text': () => scheme.sign({ ...input, phone: null as unknown as string }, secret),
    'no time': () => scheme.sign({ ...input, time: undefined as unknown as string }, secret),
    'a time that has lost digits': () => scheme.sign({ ...input, time: 2 ** 60 }, secret),
    'a broken time': () => scheme.sign({ ...input, time: 1.5 }, secret)
  }
  t.throws(
    () => createScheme({ ampersand: 'maybe' as never }),
    TypeError,
    'an unknown option value'
  )
  for (const [name, run] of Object.entries(misuse)) t.throws(run, TypeError, name)
  t.throws(() => scheme.sign(input, 'ill\ud800formed'), InputError)
})

t.test('options turn refusals off', async t => {
  const allow = { ampersand: 'allow' as const }
  t.equal(messageOf({ username: 'x&y' }, allow), 'shop&u1&x&y&1660095873001')
  t.throws(
    () => messageOf({ username: 'x\ty' }, allow),
    InputError,
    'control characters stay refused'
  )
  const loose = { strict: false }
  t.equal(
    messageOf({ service: '', usercode: ' ', username: 'a&\n'.repeat(30), time: 'soon' }, loose),
    `& &${'a&\n'.repeat(30)}&soon`
  )
  t.throws(
    () => messageOf({ username: '\ud800' }, loose),
    InputError,
    'ill-formed text stays refused'
  )
  t.throws(() => createScheme(loose).sign(input, ''), TypeError, 'an empty key stays refused')
})
