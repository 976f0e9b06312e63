import { createScheme, scheme, type ContipleInput } from 'fastify-contact-center/contiple'
import { InputError } from 'fastify-contact-center/kit'
import t from 'tap'
import { vectorsOf } from '../helper.ts'

const secret = 'a-key-of-at-least-16'
const input: ContipleInput = { body: '{"callNum":"1"}', timestamp: '1660095873001' }

t.test('matches the known answers', async t => {
  for (const vector of vectorsOf<ContipleInput>('contiple')) {
    t.equal(
      createScheme(vector.options).sign(vector.input, vector.secret),
      vector.signature,
      vector.name
    )
    t.ok(
      createScheme(vector.options).verify(vector.input, vector.signature, vector.secret),
      vector.name
    )
  }
})

t.test('the message is the bytes of the body and the text of the time', async t => {
  t.strictSame(scheme.message(input, secret), Buffer.from('{"callNum":"1"}1660095873001'))
  t.strictSame(
    scheme.message({ ...input, body: '\ufeff{}' }, secret),
    Buffer.from('\ufeff{}1660095873001'),
    'a byte-order mark is kept'
  )
  t.equal(
    scheme.sign({ ...input, body: Buffer.from('{"callNum":"1"}') }, secret),
    scheme.sign(input, secret),
    'text and bytes get the same signature'
  )
  const uri = createScheme({ signedContent: 'uri+body' })
  t.strictSame(
    uri.message({ ...input, uri: '/lookup?a=1' }, secret),
    Buffer.from('/lookup?a=1{"callNum":"1"}1660095873001')
  )
  t.ok(
    uri.verify(
      { ...input, uri: '/a', body: '' },
      uri.sign({ ...input, uri: '/a', body: '' }, secret),
      secret
    )
  )
})

t.test('verify returns false for every other spelling of a signature, and never throws', async t => {
  const signature = scheme.sign(input, secret)
  const spellings: Record<string, unknown> = {
    'one character changed': (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1),
    'without padding': signature.slice(0, -1),
    'url-safe alphabet': signature.replaceAll('/', '_').replaceAll('+', '-').replace(/^./, '_'),
    'another spelling of the same bytes': signature.slice(0, -2) +
      String.fromCharCode(signature.charCodeAt(42) + 1) + '=',
    'a trailing space': signature + ' ',
    hex: Buffer.from(signature, 'base64').toString('hex'),
    'the same length in characters, more bytes': 'é'.repeat(44),
    empty: '',
    'not a string': undefined
  }
  for (const [name, value] of Object.entries(spellings)) {
    t.equal(scheme.verify(input, value as string, secret), false, name)
  }
})

t.test('refuses unsafe input', async t => {
  const refused: Record<string, [ContipleInput, RegExp]> = {
    'a lone surrogate': [{ ...input, body: '"\ud800"' }, /body is ill-formed/],
    'bytes that are not UTF-8': [
      { ...input, body: Buffer.from([0x7b, 0xff, 0x7d]) },
      /body is not valid UTF-8/
    ],
    'an ill-formed timestamp': [{ ...input, timestamp: '\ud800' }, /timestamp is ill-formed/],
    'a timestamp beyond 64 bits': [{ ...input, timestamp: '9223372036854775808' }, /2\^63-1/],
    'an exponent': [{ ...input, timestamp: '1e3' }, /timestamp must be/],
    'an empty timestamp': [{ ...input, timestamp: '' }, /timestamp must be/],
    'digits of another script': [{ ...input, timestamp: '١٢٣' }, /timestamp must be/],
    'a body that runs into the timestamp': [{ ...input, body: '1' }, /must not end in a digit/],
    'a body that ends in the lowest digit': [{ ...input, body: '0' }, /must not end in a digit/],
    'a body that ends in the highest digit': [{ ...input, body: '9' }, /must not end in a digit/]
  }
  for (const [name, [input, message]] of Object.entries(refused)) {
    t.throws(() => scheme.sign(input, secret), { name: 'InputError', message }, name)
    t.throws(() => scheme.verify(input, 'x', secret), InputError, `${name}, verifying`)
  }
  const uri = createScheme({ signedContent: 'uri+body' })
  t.throws(() => uri.sign({ ...input, uri: '"/a' }, secret), {
    name: 'InputError',
    message: /uri must be/
  })
  t.throws(() => uri.sign({ ...input, uri: '/a"' }, secret), {
    name: 'InputError',
    message: /uri must be/
  })
  t.throws(() => uri.sign({ ...input, uri: '/a', body: 'b{}' }, secret), {
    name: 'InputError',
    message: /body must begin/
  })
})

t.test('throws TypeError on misuse', async t => {
  const misuse: Record<string, () => unknown> = {
    'no secret': () => scheme.sign(input, ''),
    'a secret that is not text': () => scheme.verify(input, '', 1 as unknown as string),
    'a parsed body': () => scheme.sign({ ...input, body: {} as string }, secret),
    'a number for the timestamp': () =>
      scheme.sign({ ...input, timestamp: 1 as unknown as string }, secret),
    'no uri although it is signed': () =>
      createScheme({ signedContent: 'uri+body' }).sign(input, secret),
    'an unknown signed content': () => createScheme({ signedContent: 'everything' as 'body' }),
    'no secret for the message': () => scheme.message(input, '')
  }
  for (const [name, run] of Object.entries(misuse)) t.throws(run, TypeError, name)
  t.throws(() => scheme.sign(input, 'ill\ud800formed'), InputError)
})

t.test("strict: false signs like the vendor's code", async t => {
  const loose = createScheme({ strict: false })
  t.ok(loose.sign({ body: '1', timestamp: 'soon' }, secret))
  t.ok(
    createScheme({ strict: false, signedContent: 'uri+body' }).sign({
      body: 'b',
      timestamp: '1',
      uri: '"'
    }, secret)
  )
  t.throws(
    () => loose.sign({ ...input, body: '\ud800' }, secret),
    InputError,
    'ill-formed text stays refused'
  )
  t.throws(() => loose.sign(input, ''), TypeError, 'an empty key stays refused')
})
