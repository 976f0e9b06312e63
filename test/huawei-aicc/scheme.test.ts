import {
  createScheme,
  formatCallTime,
  parseCallTime,
  scheme,
  type HuaweiAiccInput
} from 'fastify-contact-center/huawei-aicc'
import { InputError, parseWireJson } from 'fastify-contact-center/kit'
import t from 'tap'
import { vectorsOf } from '../helper.ts'

const secret = 'a-key-of-at-least-16'
const input: HuaweiAiccInput = {
  params: { called: '1', callSerialNo: '2' },
  timestamp: '1660095873001',
  nonce: 'n1'
}

/** The part of the message that the parameters make. */
function printed (params: object | string, options = {}): string {
  const message = String(createScheme(options).message({ ...input, params }, secret))
  return message.slice(`${secret}_1660095873001_n1_`.length)
}

t.test('matches the known answers', async t => {
  for (
    const { name, options, input, secret, message, signature } of vectorsOf<HuaweiAiccInput>(
      'huawei-aicc'
    )
  ) {
    const scheme = createScheme(options)
    if (message !== undefined) t.equal(scheme.message(input, secret), message, name)
    t.equal(scheme.sign(input, secret), signature, name)
    t.ok(scheme.verify(input, signature, secret), name)
  }
})

t.test('prints parameters as the vendor does', async t => {
  const cases: Record<string, [object | string, string]> = {
    'sorted by code unit': [{
      called: 1,
      callSerialNo: 2,
      callData: 3,
      '\u{1f600}': 4,
      '\uff5e': 5
    }, 'callData=3,callSerialNo=2,called=1,\u{1f600}=4,\uff5e=5'],
    'sorted before the spaces are removed': [{ 'a b': 1, aa: 2 }, 'ab=1,aa=2'],
    'only U+0020 is removed': [{ ' a ': ' x\t\u00a0\u3000\n y ' }, 'a=x\t\u00a0\u3000\ny'],
    "the signature's own parameters, at the top only": [{
      timestamp: 1,
      nonce: 2,
      signature: 3,
      a: { nonce: 4 }
    }, 'a={nonce=4}'],
    'null, empty, booleans': [{ a: null, b: '', c: true, d: false }, 'a=null,b=,c=true,d=false'],
    'nested values in source order': [
      '{"a":{"z":1,"k":{},"l":[1,"x y",null,[]]}}',
      'a={z=1,k={},l=[1,xy,null,[]]}'
    ],
    'numbers as on the wire': [
      '{"a":1.0,"b":1e3,"c":-0,"d":1197765398201387012,"e":[1.50]}',
      'a=1.0,b=1e3,c=-0,d=1197765398201387012,e=[1.50]'
    ],
    'a bigint': [{ a: 1197765398201387012n }, 'a=1197765398201387012'],
    'a Map from the wire': [parseWireJson('{"b":1.0,"a":1}', 'it') as object, 'a=1,b=1.0'],
    '__proto__ is a name like any other': [
      '{"__proto__":"x","a":{"__proto__":1}}',
      '__proto__=x,a={__proto__=1}'
    ],
    'the last of repeated names': ['{"a":1,"b":2,"a":3}', 'a=3,b=2'],
    'undefined is not sent': [{ a: undefined, b: 1 }, 'b=1'],
    'nothing escaped': [{ a: '1,b=2' }, printed({ a: '1', b: '2' })]
  }
  for (const [name, [params, text]] of Object.entries(cases)) t.equal(printed(params), text, name)
  for (const timestamp of [1660095873001, 1660095873001n]) {
    t.equal(scheme.sign({ ...input, timestamp }, secret), scheme.sign(input, secret))
  }
  t.match(
    scheme.message({ ...input, nonce: 'n 1' }, 'a key with blanks'),
    'a key with blanks_1660095873001_n 1_',
    'secret and nonce keep their spaces'
  )
})

t.test('prints numbers like the JVM', async t => {
  const cases = [
    '0 0',
    '-0 0',
    '7 7',
    '-12 -12',
    '9223372036854775807 9223372036854775807',
    '-9223372036854775808 -9223372036854775808',
    '9223372036854775808 9.223372036854776E18',
    '100000000000000000000 1.0E20',
    '0.0 0.0',
    '-0.0 -0.0',
    '1.0 1.0',
    '1e3 1000.0',
    '100.5 100.5',
    '-2.50 -2.5',
    '9999999999999999999 1.0E19',
    '-9223372036854775809 -9.223372036854776E18',
    '12345678901234567890 1.2345678901234567E19',
    '-12345678901234567890 -1.2345678901234567E19',
    '0.001 0.001',
    '0.0123 0.0123',
    '0.01050 0.0105',
    '0.0305 0.0305',
    '0.00099 9.9E-4',
    '1e-7 1.0E-7',
    '9999999.5 9999999.5',
    '1e7 1.0E7',
    '12345678.9 1.23456789E7',
    '1.7976931348623157e308 1.7976931348623157E308',
    '5e-324 4.9E-324',
    '2e-323 2.0E-323',
    '1e400 Infinity',
    '-1e400 -Infinity'
  ]
  for (const [wire = '', text = ''] of cases.map(line => line.split(' '))) {
    t.equal(printed(`{"a":${wire}}`, { numbers: 'java' }), `a=${text}`, wire)
    t.equal(printed(`{"a":[${wire}]}`, { numbers: 'java' }), `a=[${text}]`, `${wire}, nested`)
  }
})

t.test('regression: with numbers: java, a million digits took a quarter of a second', t => {
  const digits = '9'.repeat(8_000_000)
  const before = process.cpuUsage()
  t.equal(printed(`{"a":${digits}}`, { numbers: 'java' }), 'a=Infinity')
  t.ok(
    process.cpuUsage(before).user < 700_000,
    'eight million digits take 12 ms, not 1.5 s'
  )
  t.end()
})

t.test('verify returns false for every other spelling of a signature, and never throws', async t => {
  const signature = scheme.sign(input, secret)
  const spellings: Record<string, unknown> = {
    'one character changed': (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1),
    'without padding': signature.slice(0, -1),
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
  t.equal(scheme.verify(input, signature, 'another-key-of-no-use'), false)
})

t.test('refuses unsafe input', async t => {
  const refused: Record<string, [Partial<HuaweiAiccInput>, RegExp]> = {
    'a lone surrogate': [{ params: { a: '\ud800' } }, /params is ill-formed/],
    'a lone surrogate in a name': [{ params: { '\ud800': 1 } }, /params is ill-formed/],
    'two of them that would become a pair': [
      { params: { a: '\ud83d \ude00' } },
      /params is ill-formed/
    ],
    'text that is not JSON': [{ params: '{"a":1' }, /not valid JSON/],
    'no text': [{ params: '' }, /not valid JSON/],
    'text that is not an object': [{ params: '[1]' }, /must be a JSON object/],
    'an object that JSON turns into text': [{ params: new Date(0) }, /must be a JSON object/],
    'an ill-formed timestamp': [{ timestamp: '\ud800' }, /timestamp is ill-formed/],
    'a timestamp beyond 64 bits': [{ timestamp: 9223372036854775808n }, /2\^63-1/],
    'a negative one': [{ timestamp: -1 }, /timestamp must be/],
    'an exponent': [{ timestamp: '1e3' }, /timestamp must be/],
    'no time': [{ timestamp: '' }, /timestamp must be/],
    'a number that has lost digits': [{ timestamp: 2 ** 60 }, /beyond 2\^53/],
    'an ill-formed nonce': [{ nonce: '\ud800' }, /nonce is ill-formed/],
    'no nonce': [{ nonce: '' }, /1 to 256/],
    'a long nonce': [{ nonce: 'n'.repeat(257) }, /1 to 256/],
    'a nonce that runs into the parameters': [{ nonce: 'n_a=1' }, /underscore/]
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
  }
  t.equal(scheme.sign({ ...input, nonce: 'n'.repeat(256) }, secret).length, 44, 'the longest nonce')
})

t.test('throws TypeError on misuse', async t => {
  const misuse: Record<string, () => unknown> = {
    'no secret': () => scheme.sign(input, ''),
    'a secret that is not text': () => scheme.verify(input, '', 1 as unknown as string),
    'no secret for the message': () => scheme.message(input, ''),
    'no params': () => scheme.sign({ ...input, params: null as unknown as object }, secret),
    'a list for params': () => scheme.sign({ ...input, params: [] }, secret),
    'a number for params': () => scheme.sign({ ...input, params: 1 as unknown as string }, secret),
    'no timestamp': () =>
      scheme.sign({ ...input, timestamp: undefined as unknown as string }, secret),
    'a nonce that is not text': () =>
      scheme.sign({ ...input, nonce: 1 as unknown as string }, secret),
    'regression: an object inside a Map was signed as [object Object]': () =>
      scheme.message({ ...input, params: new Map([['a', { b: 1 }]]) }, secret),
    'a number of JavaScript inside a Map': () =>
      scheme.sign({ ...input, params: new Map([['a', 1]]) }, secret),
    'nothing inside a Map': () =>
      scheme.sign({ ...input, params: new Map([['a', undefined]]) }, secret),
    'an object deeper inside a Map': () =>
      scheme.sign({ ...input, params: new Map([['a', [new Map([['b', {}]])]]]) }, secret)
  }
  t.throws(() => createScheme({ numbers: 'php' as never }), TypeError, 'an unknown option value')
  for (const [name, run] of Object.entries(misuse)) t.throws(run, TypeError, name)
  t.throws(() => scheme.sign(input, 'ill\ud800formed'), InputError)
})

t.test("strict: false signs like the vendor's code", async t => {
  const loose = createScheme({ strict: false })
  t.equal(loose.message({ params: {}, timestamp: 'soon', nonce: '' }, secret), `${secret}_soon__`)
  t.equal(
    loose.sign({ ...input, nonce: 'n1_callSerialNo=2,called=1', params: {} }, secret).length,
    44
  )
  t.throws(
    () => loose.sign({ ...input, params: { a: '\ud800' } }, secret),
    InputError,
    'ill-formed text stays refused'
  )
  t.throws(() => loose.sign(input, ''), TypeError, 'an empty key stays refused')
})

t.test('never mutates its inputs', async t => {
  const params = Object.freeze({ b: Object.freeze({ x: ' 1 ' }), timestamp: '1' })
  scheme.sign({ ...input, params }, secret)
  t.strictSame(params, { b: { x: ' 1 ' }, timestamp: '1' })
})

t.test('parses times of callbacks', async t => {
  for (const zone of ['x+08:00', '+08:000']) {
    t.throws(() => parseCallTime('2022/02/22,10:04:29:004', zone), TypeError, zone)
  }
  const text = '2022/02/22,10:04:29:004'
  t.equal(parseCallTime(text), Date.UTC(2022, 1, 22, 2, 4, 29, 4))
  t.equal(parseCallTime(text, '+00:00'), Date.UTC(2022, 1, 22, 10, 4, 29, 4))
  t.equal(parseCallTime(text, '-03:30'), Date.UTC(2022, 1, 22, 13, 34, 29, 4))
  for (const zone of ['+08:00', '-03:30', '+05:45']) {
    t.equal(formatCallTime(parseCallTime(text, zone), zone), text, zone)
  }
  t.equal(formatCallTime(0), '1970/01/01,08:00:00:000')

  const refused = [
    '',
    '2022/02/22 10:04:29:004',
    '2022-02-22,10:04:29:004',
    '2022/02/22,10:04:29',
    '2022/02/30,10:04:29:004',
    '2023/02/29,00:00:00:000',
    '2022/13/01,00:00:00:000',
    '2022/01/01,24:00:00:000',
    '2022/01/01,23:60:00:000',
    text + ' ',
    '٢٠٢٢/02/22,10:04:29:004'
  ]
  for (const text of refused) t.throws(() => parseCallTime(text), InputError, text)
  for (const zone of ['', 'Z', '8', '+8:00', '+15:00', 'Asia/Shanghai']) {
    t.throws(() => parseCallTime(text, zone), TypeError, zone)
  }
  for (const time of [NaN, Infinity, 8.64e15, -1e15]) {
    t.throws(() => formatCallTime(time), TypeError, String(time))
  }
})
