import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import fc from 'fast-check'
import {
  assertSecret,
  assertWellFormed,
  decodeUtf8,
  equalText,
  InputError,
  isInt64,
  malformed,
  missing,
  parseForm,
  parseQuery,
  parseUrl,
  parseWireJson,
  optional,
  required,
  choice,
  count,
  flag,
  WireNumber
} from 'fastify-contact-center/kit'
import { parseFormPairs } from '../../plugins/kit/wire/form.ts'
import { decodeBase64, equalBytes } from '../../plugins/kit/wire/mac.ts'
import { assertUtf8 } from '../../plugins/kit/wire/text.ts'
import {
  BodyNotCaptured,
  limits,
  memoryStore,
  SignatureInvalid,
  type Keys
} from 'fastify-contact-center'
import {
  decodeBase64Sha256,
  hmacKeyReader,
  hmacSha256,
  hmacSha256Base64,
  isBase64Sha256
} from '../../plugins/kit/wire/mac.ts'
import { isWithin, timeWindow } from '../../plugins/kit/wire/time.ts'
import { keyRing, signingKey } from '../../plugins/kit/keys/key-ring.ts'
import { maximumDepth, toWire, type WireValue } from '../../plugins/kit/wire/json.ts'
import { readOwnOptions, readCommonOptions } from '../../plugins/kit/route/options.ts'
import t from 'tap'
import { HmacKey } from '../../plugins/kit/wire/hmac.ts'
import { sortTexts } from '../../plugins/kit/wire/text.ts'
import { compare } from '../../qa/hmac/compare.ts'
import { now } from '../helper.ts'

t.test('reads integers in one spelling only', async t => {
  for (
    const text of ['0', '007', '99', '999999999999999999', '1660095873001', '9223372036854775807']
  ) t.ok(isInt64(text), text)
  for (
    const text of [
      '',
      ' 1',
      '1 ',
      '-1',
      '+1',
      '1.0',
      '1e3',
      '0x10',
      '12abc',
      '9223372036854775808',
      '10000000000000000000',
      '١٢',
      '1\n'
    ]
  ) {
    t.notOk(isInt64(text), JSON.stringify(text))
  }
})

t.test('refuses text that is not well-formed', async t => {
  t.throws(() => assertWellFormed('a\udc00', 'name'), {
    name: 'InputError',
    code: 'ERR_CC_INPUT',
    message: 'name is ill-formed: it has a lone surrogate'
  })
  t.doesNotThrow(() => assertWellFormed('😀', 'name'))
  t.equal(decodeUtf8(Buffer.from('\ufeffÅ'), 'body'), '\ufeffÅ')
  t.throws(() => decodeUtf8(Buffer.from([0xc3]), 'body'), {
    name: 'InputError',
    message: 'body is not valid UTF-8'
  })
  t.throws(() => assertUtf8(Buffer.from([0xc3]), 'body'), {
    name: 'InputError',
    message: 'body is not valid UTF-8'
  })
  t.throws(() => assertSecret(''), TypeError)
  t.throws(() => assertSecret('\ud800'), InputError)
})

t.test('refusals have no stack; faults have one', async t => {
  for (const refusal of [malformed('x'), missing('x'), new SignatureInvalid()]) {
    t.notMatch(String(refusal.stack), / at /)
    t.notMatch(String((refusal.cause as Error | undefined)?.stack), / at /)
  }
  t.equal((malformed('the reason').cause as Error).message, 'the reason')
  t.match(new BodyNotCaptured().stack, / at /)
  t.match(new Error('as before').stack, / at /, 'other errors keep their stack')
})

t.test('MACs have one spelling, and are compared as bytes', async t => {
  const canonical = Buffer.alloc(32, 7).toString('base64')
  t.same(decodeBase64Sha256(canonical), Buffer.alloc(32, 7))
  for (
    const spelling of [
      canonical.slice(0, -2) + 'd=',
      canonical.slice(0, -1),
      canonical + '=',
      ' ' + canonical,
      'é'.repeat(44),
      ''
    ]
  ) t.equal(decodeBase64Sha256(spelling), null, spelling)
  t.notOk(isBase64Sha256([canonical]), 'a list of one text')
  const sha1 = Buffer.alloc(20, 7).toString('base64')
  t.same(decodeBase64(sha1, 20), Buffer.alloc(20, 7))
  t.same(decodeBase64(canonical, 32), Buffer.alloc(32, 7))
  const spellings = [
    sha1.slice(0, -2) + 'd=',
    sha1.slice(0, -1),
    sha1.slice(0, -1) + 'A',
    sha1 + '=',
    ' ' + sha1.slice(1),
    'é'.repeat(28),
    '',
    canonical,
    undefined
  ]
  for (const spelling of spellings) {
    t.equal(decodeBase64(spelling as string, 20), null, String(spelling))
  }
  t.ok(equalBytes(Buffer.from('a'), Buffer.from('a')))
  t.notOk(equalBytes(Buffer.from('a'), Buffer.from('b')))
  t.notOk(
    equalBytes(Buffer.from('a'), Buffer.from('aa')),
    'unequal lengths do not throw'
  )
  t.ok(equalText('a', 'a'))
  for (const length of [127, 128, 129, 1000]) {
    const [text, another] = ['a'.repeat(length), 'b'.padStart(length, 'a')]
    t.ok(equalText(text, text))
    t.notOk(equalText(another, text), `the last of ${length} characters differs`)
    t.notOk(equalText('é'.padStart(length, 'a'), text), `one of ${length} characters is not ASCII`)
    t.ok(equalText('a', 'a'), 'an earlier comparison leaves no trace')
  }
  for (const value of ['b', 'aa', '', 'é', '\u0161', undefined, null, ['a']]) {
    t.notOk(equalText(value, 'a'), String(value))
  }
  t.equal(
    hmacSha256Base64('key', 'a', Buffer.from('b')),
    hmacSha256('key', 'ab').toString('base64')
  )
})

t.test('HMAC from prepared pads is the HMAC of RFC 2104', async t => {
  const { vectors } = JSON.parse(
    readFileSync(new URL('hmac-vectors.json', import.meta.url), 'utf8')
  ) as {
    vectors: Array<{
      algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512',
      name: string,
      key: string,
      message: string,
      mac: string,
      valid: boolean
    }>
  }
  t.equal(vectors.length, 58)
  for (const { algorithm, name, key, message, mac, valid } of vectors) {
    const made = new HmacKey(algorithm, Buffer.from(key, 'hex')).digest(
      'hex',
      Buffer.from(message, 'hex')
    )
    t.equal(made === mac, valid, `${algorithm}: ${name}`)
  }
  // For a million runs: npm run test:hmac
  t.strictSame(compare(2100), [], 'equals createHmac')
})

t.test('sorts texts by code unit, few or many', async t => {
  for (const count of [0, 1, 2, 24, 25, 60]) {
    const texts = Array.from(
      { length: count },
      (_, index) => ['é', '\u{1f600}', '\uffff', 'a', 'A', ''][index % 6] + String((index * 7) % 10)
    )
    t.strictSame(sortTexts([...texts]), [...texts].sort())
  }
  const alike = ['a', '', '\0b', 'ab', '\0', 'aa', '', 'a\0', '\0a']
  t.strictSame(
    sortTexts([...alike]),
    [...alike].sort(),
    'texts with equal beginnings, and empty text'
  )
})

t.test('caching the last key never returns another', async t => {
  const mac = (secret: string): string => hmacSha256(secret, 'text').toString('base64')
  for (const secret of ['one', 'two', 'two', 'one', 'é']) {
    t.equal(hmacSha256Base64(secret, 'text'), mac(secret))
    t.equal(hmacSha256Base64(Buffer.from(secret), 'text'), mac(secret))
  }
  const read = hmacKeyReader('sha256', secret => Buffer.from(secret, 'base64'))
  for (const secret of ['AAAA', 'BBBB', 'BBBB', 'AAAA']) {
    const expected = hmacSha256(Buffer.from(secret, 'base64'), 'text').toString('base64')
    t.equal(read(secret).digest('base64', 'text'), expected)
  }
  t.throws(() => read(''), TypeError)
  t.throws(() => read('\ud800'), InputError)
  t.notMatch(inspect(read('AAAA'), { showHidden: true, depth: 5 }), /buffer|pad|inner/i)
})

t.test('regression: after many calls, URLs outside ASCII were refused', async t => {
  const flatten = (text: string): string => Buffer.from(text).toString()
  for (let i = 0; i < 30_000; i++) parseUrl(`https://example.com/${i}`)
  for (let i = 0; i < 30_000; i++) {
    if (parseUrl(flatten(`https://example.com/é${i}`)) === null) t.fail(`after ${i}`)
  }
  t.equal(parseUrl('/path', 'https://example.com')?.href, 'https://example.com/path')
  t.equal(parseUrl('example.com'), null)
})

t.test('the window is exact on both sides, up to 64 bits', async t => {
  const window = timeWindow('toy', { pastMs: 1000, futureMs: 10 })
  const now = 1660095873001
  const cases: Array<[string, boolean]> = [
    [String(now - 1000), true],
    [String(now - 1001), false],
    [String(now + 10), true],
    [String(now + 11), false],
    ['9223372036854775807', false],
    ['0', false],
    ['', false],
    ['x', false]
  ]
  for (const [timestamp, expected] of cases) {
    t.equal(isWithin(timestamp, now, window), expected, timestamp)
  }
  t.same(timeWindow('toy', 5), { pastMs: 5, futureMs: 5 })
  for (
    const invalid of [0, -1, NaN, Infinity, 1.5, '5', null, { pastMs: 1 }, {
      pastMs: 0,
      futureMs: 1
    }]
  ) {
    t.throws(() => timeWindow('toy', invalid as number), {
      code: 'FST_CC_OPTION_INVALID',
      message: /"tolerance"/
    }, JSON.stringify(invalid))
  }
})

t.test('forms: refuses text that two parsers could read differently', async t => {
  t.same([...parseForm('b=2&a=1+2&&c&d=%C3%85%2B&=e', 'form')], [
    ['b', '2'],
    ['a', '1 2'],
    ['c', ''],
    ['d', 'Å+'],
    ['', 'e']
  ])
  t.same([...parseForm('__proto__=x', 'form')], [['__proto__', 'x']])
  t.same(parseFormPairs('a=2&b&a=1+2&a=2', 'form'), [['a', '2'], ['b', ''], ['a', '1 2'], [
    'a',
    '2'
  ]], 'repeated names stay in order, for vendors that sign them')
  t.throws(() => parseFormPairs('a=%', 'form'), { name: 'InputError', message: /percent/ })
  t.throws(() => parseFormPairs('a=\ud800', 'form'), { name: 'InputError', message: /ill-formed/ })
  t.same([...parseQuery('/a?x=1?2')], [['x', '1?2']])
  t.same([...parseQuery('/a')], [])
  t.same([...parseQuery('/a?x=1;y')], [['x', '1;y']])
  for (const target of ['/a;x=evil&y?x=1', '/a;x=1', ';?']) {
    t.throws(
      () => parseQuery(target),
      { name: 'InputError', message: /semicolon/ },
      `regression: a router can start the query at ;, ${target}`
    )
  }
  t.same([...parseQuery('?x=1')], [['x', '1']], 'a target that is only a query')
  t.throws(
    () => parseQuery('/a#x=evil&y=?x=1'),
    { name: 'InputError', message: /fragment/ },
    'regression: the router starts the query at #'
  )
  for (
    const [text, reason] of [['a=1&a=2', /repeats/], ['a=1&%61=2', /repeats/], ['a=%', /percent/], [
      'a=%ff',
      /percent/
    ], ['a=\ud800', /ill-formed/]] as const
  ) {
    t.throws(() => parseForm(text, 'form'), { name: 'InputError', message: reason }, text)
  }
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
      fields => {
        const encoded = new URLSearchParams(fields)
        t.same([...parseForm(encoded.toString(), 'form')], [...encoded])
      }
    ),
    { numRuns: 50 }
  )
})

/** The value that JSON.parse would return. */
function lossy (value: WireValue): unknown {
  if (value instanceof WireNumber) return Number(value.text)
  if (Array.isArray(value)) return value.map(lossy)
  if (value instanceof Map) {
    const object: Record<string, unknown> = {}
    for (const [name, item] of value) {
      Object.defineProperty(object, name, {
        value: lossy(item),
        enumerable: true,
        configurable: true,
        writable: true
      })
    }
    return object
  }
  return value
}

t.test('wire JSON keeps every digit and name', async t => {
  const text =
    ' {"2":1.0,"1":1e3,"n":-0,"id":12345678901234567890,"__proto__":{"x":[true,false,null,"\\u2028\\"\\\\"]},"2":"last"} '
  const value = parseWireJson(text, 'body')
  t.ok(value instanceof Map)
  const fields = value as Map<string, WireValue>
  t.same(
    [...fields.keys()],
    ['2', '1', 'n', 'id', '__proto__'],
    'in wire order; a repeated name keeps its first position'
  )
  t.equal(fields.get('2'), 'last', 'and has the last value')
  t.same(['1', 'n', 'id'].map(name => (fields.get(name) as WireNumber).text), [
    '1e3',
    '-0',
    '12345678901234567890'
  ])
  t.same(lossy(value), JSON.parse(text))
  t.same(parseWireJson('{}', 'body'), new Map())
  t.same(parseWireJson('[ ]', 'body'), [])
})

t.test('wire JSON keeps names apart that resemble names it has seen', async t => {
  const cases: Record<string, string[]> = {
    'one length, first and last character': ['abcd', 'axyd', 'abcd'],
    'one is the start of the other': ['ab', 'abb', 'ab'],
    'an escape instead of a character': ['name', 'na\\u006de', 'na\\nme'],
    'an escaped quotation mark': ['na', 'na\\"me'],
    'properties of every object': ['__proto__', 'constructor', '__proto__'],
    'indices': ['0', '10', '010', '0'],
    'not ASCII': ['이름', '이른', '\ud83d\ude00'],
    'empty and blank': ['', ' ', ''],
    'long ones': ['a'.repeat(31), 'a'.repeat(32), 'a'.repeat(33)],
    'more than a text may add': Array.from({ length: 300 }, (_, i) => `name${i}`)
  }
  for (const [what, names] of Object.entries(cases)) {
    for (const text of [...names, ...names].map(name => `{"${name}":{"${name}":1}}`)) {
      t.same(lossy(parseWireJson(text, 'body')), JSON.parse(text), what)
    }
    const all = `{${names.map(name => `"${name}":{"${name}":[{"${name}":null}]}`).join(',')}}`
    t.same(lossy(parseWireJson(all, 'body')), JSON.parse(all), what)
  }
  t.throws(() => parseWireJson('{"na\tme":1}', 'body'), { code: 'ERR_CC_INPUT' })
  t.throws(() => parseWireJson('{"abcd', 'body'), { code: 'ERR_CC_INPUT' })
})

t.test('wire JSON accepts and refuses the same texts as JSON.parse', async t => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 1, 2), (json, indent) => {
      const text = JSON.stringify(JSON.parse(json), null, indent)
      t.same(lossy(parseWireJson(text, 'body')), JSON.parse(text))
    }),
    { numRuns: 200 }
  )
  const candidates = [
    '',
    ' ',
    '{',
    '}',
    '[',
    '[1',
    '[1,',
    '[1,]',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{"a" 1}',
    '{a:1}',
    '{"a":1}x',
    '[1 2]',
    '[1 22]',
    '["a"x"b"]',
    '{"a":1 2"b":3}',
    '\u00011',
    '1\u0001',
    '\u000b1',
    '1\u001f',
    '["a\u0001]',
    '["a\u0001,1]',
    '"',
    '"a',
    '"\\',
    '"\\"',
    '"\\x"',
    '"\\n\n"',
    '"\\n',
    '"\n"',
    '"\\u12"',
    'tru',
    'true1',
    'nul',
    'fals',
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    '1e',
    '1e+',
    '0x1',
    'NaN',
    '\ufeff1',
    '1\u00a0',
    "'a'",
    '0',
    '-0.0e-1',
    '"\\ud800"',
    '[[[]]]',
    '{"":{}}',
    '\t\r\n1 '
  ]
  for (const text of candidates) {
    let expected: unknown
    let valid = true
    try {
      expected = JSON.parse(text)
    } catch {
      valid = false
    }
    if (valid) t.same(lossy(parseWireJson(text, 'body')), expected, text)
    else {t.throws(() => parseWireJson(text, 'body'), {
        name: 'InputError',
        message: 'body is not valid JSON'
      }, JSON.stringify(text))}
  }
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019.eE+- tfn'), maxLength: 12 }),
      text => {
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        let accepted = true
        try {
          parseWireJson(text, 'body')
        } catch {
          accepted = false
        }
        t.equal(accepted, valid, JSON.stringify(text))
      }
    ),
    { numRuns: 2000 }
  )
})

t.test('wire JSON refuses nesting that would exhaust the stack', async t => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  t.doesNotThrow(() => parseWireJson(nested(maximumDepth), 'body'))
  t.throws(() => parseWireJson(nested(maximumDepth + 1), 'body'), {
    name: 'InputError',
    message: /nested deeper/
  })
  t.doesNotThrow(
    () => parseWireJson(`[${nested(maximumDepth - 1)},${nested(maximumDepth - 1)}]`, 'body'),
    'depth, not count'
  )
})

t.test('converts JavaScript values like JSON.stringify', async t => {
  const value = {
    a: 1,
    b: [undefined, NaN, new Date(0)],
    c: undefined,
    d: { toJSON: () => 'x' },
    1: -0
  }
  t.same(lossy(toWire(value)), JSON.parse(JSON.stringify(value)))
  const big = toWire({
    id: 12345678901234567890n,
    list: [1n, true],
    text: '\u0000bigint 5'
  }) as Map<string, WireValue>
  t.same(big.get('id'), new WireNumber('12345678901234567890'))
  t.same(big.get('list'), [new WireNumber('1'), true])
  t.equal(big.get('text'), '\u0000bigint 5', 'text that looks like the internal mark stays text')
  t.throws(() => toWire(() => {}), TypeError)
  t.throws(() => toWire(undefined), TypeError)
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level++) deep = [deep]
  t.throws(
    () => toWire(deep),
    { name: 'InputError', message: /nested deeper/ },
    'regression: a RangeError'
  )
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  t.throws(() => toWire(cycle), TypeError)
})

t.test('keys: refuses weak, published and malformed keys', async t => {
  const policy = { vendor: 'toy', minimumLength: 16, published: ['the-key-that-everybody-knows'] }
  const secret = 'a-key-of-at-least-16'
  const invalid: Record<string, [unknown, RegExp]> = {
    'no keys': [undefined, /"keys" is missing/],
    null: [null, /"keys" must be/],
    'an empty list': [[], /at least one key/],
    'a key without an id': [{ secret }, /no id/],
    'a list of nothing': [[undefined], /no id/],
    'an empty id': [{ id: '', secret }, /no id/],
    'a secret that is not text': [{ id: 'a', secret: 5 }, /key "a" must be a string/],
    'an empty secret': ['', /key "default" is blank: is its environment variable set\?$/],
    'a blank secret': [' \t'.repeat(16), /is blank/],
    'ill-formed text': ['\ud800'.repeat(16), /ill-formed/],
    'a placeholder': ['ChangeMe', /placeholder/],
    'a published example': ['the-key-that-everybody-knows', /published/],
    'too short': ['fifteen-letters', /shorter than 16/],
    'one id for two keys': [
      [{ id: 'a', secret }, { id: 'a', secret: secret + '2' }],
      /repeats an id/
    ],
    'a start that is not a time': [{ id: 'a', secret, notBefore: NaN }, /"notBefore" of key "a"/],
    'a start in seconds': [
      { id: 'a', secret, notBefore: Math.trunc(now / 1000) },
      /"notBefore" of key "a" must be epoch milliseconds; this looks like seconds$/
    ],
    'regression: an end in seconds, which expired every key': [
      { id: 'a', secret, notAfter: Math.trunc(now / 1000) },
      /"notAfter" of key "a" must be epoch milliseconds; this looks like seconds$/
    ],
    'an end at the epoch': [{ id: 'a', secret, notAfter: 0 }, /this looks like seconds$/],
    'regression: a line end that a file added': [
      { id: 'a', secret: `${secret}\n` },
      /key "a" begins or ends with white space or a line end/
    ],
    'a line end of Windows': [`${secret}\r\n`, /white space or a line end/],
    'a space before it': [` ${secret}`, /white space or a line end/],
    'a byte-order mark before it': [`\ufeff${secret}`, /white space or a line end/],
    'an end that is not a time': [{ id: 'a', secret, notAfter: 'never' }, /"notAfter" of key "a"/],
    'an end before the start': [
      { id: 'a', secret, notBefore: now + 1, notAfter: now },
      /ends before it begins/
    ]
  }
  for (const [name, [keys, message]] of Object.entries(invalid)) {
    t.throws(() => keyRing(keys as Keys, policy), { code: 'FST_CC_OPTION_INVALID', message }, name)
  }
})

t.test('keys: every valid key verifies, and the newest signs', async t => {
  const policy = { vendor: 'toy', minimumLength: 16, published: [] }
  const secret = 'a-key-of-at-least-16'
  const ring = keyRing([
    { id: 'first', secret },
    { id: 'next', secret, notBefore: now + 100, notAfter: now + 200 },
    { id: 'second', secret }
  ], policy)
  const ids = async (at: number) => (await ring.at(at)).keys.map(key => key.id)
  t.same(await ids(now + 99), ['first', 'second'], 'before its start')
  t.same(await ids(now + 100), ['next', 'first', 'second'], 'its first millisecond')
  t.same(await ids(now + 200), ['next', 'first', 'second'], 'its last millisecond')
  t.same(await ids(now + 201), ['first', 'second'], 'after its end')
  t.equal((await signingKey(ring, now + 150)).id, 'next')
  const expired = keyRing({ id: 'old', secret, notAfter: now }, policy)
  t.equal((await signingKey(expired, now)).id, 'old')
  await t.rejects(signingKey(expired, now + 1), { code: 'FST_CC_KEYS_UNAVAILABLE' })
})

t.test('options have defaults, and errors name the option', async t => {
  const policy = { vendor: 'toy', decorator: 'toy', published: [] }
  const own = {
    colour: choice(['red', 'green', 'blue'], 'blue'),
    size: count(7),
    loud: flag(false),
    weight: optional<number, string>((value = 1) => {
      if (value > 9) throw new RangeError('too heavy')
      return `${value} kg`
    })
  }
  const keys = 'a-key-of-at-least-16'
  const settings = readCommonOptions({ keys }, policy)
  t.equal(settings.as, 'toy')
  t.equal(settings.window, undefined)
  t.same(readCommonOptions({ keys }, { ...policy, defaultTolerance: 7 }).window, {
    pastMs: 7,
    futureMs: 7
  })
  t.strictSame(readOwnOptions({ keys, prefix: '/x' }, own, policy), {
    colour: 'blue',
    size: 7,
    loud: false,
    weight: '1 kg'
  }, "defaults, and register's own options")
  t.match(readOwnOptions({ keys, colour: 'red', size: 1, loud: true, weight: 9 }, own, policy), {
    colour: 'red',
    size: 1,
    loud: true,
    weight: '9 kg'
  })
  t.equal(readOwnOptions({}, { some: count() }, policy).some, undefined, 'no default')
  const invalid: Record<string, [object, RegExp]> = {
    unknown: [{ color: 'red' }, /unknown option "color"; valid options: keys, .*colour/],
    'a tolerance where no time is signed': [{ tolerance: 5 }, /unknown option "tolerance"/],
    'an unknown choice': [
      { colour: 'black' },
      /"colour" must be one of 'red', 'green', 'blue'/
    ],
    'a fraction': [{ size: 1.5 }, /"size" must be a positive integer/],
    'zero': [{ size: 0 }, /"size" must be a positive integer/],
    'a word in place of true': [{ loud: 'yes' }, /"loud" must be true or false/],
    "a value that the option's reader refuses": [{ weight: 10 }, /option "weight": too heavy/]
  }
  for (const [name, [options, message]] of Object.entries(invalid)) {
    const read = () => readOwnOptions({ keys, ...options }, own, policy)
    t.throws(read, { code: 'FST_CC_OPTION_INVALID', message }, name)
  }
  const url = required<string, string>((value, refuse) => value === '' ? refuse('is empty') : value)
  t.equal(readOwnOptions({ url: 'x' }, { url }, policy).url, 'x')
  t.throws(() => readOwnOptions({}, { url }, policy), { message: /option "url" is required/ })
  t.throws(() => readOwnOptions({ url: '' }, { url }, policy), { message: /option "url" is empty/ })
  const common: Record<string, [object, RegExp]> = {
    'an empty name': [{ as: '' }, /"as"/],
    'a clock that is not a function': [{ now: 5 }, /"now"/],
    'a length of zero': [{ minimumSecretLength: 0 }, /"minimumSecretLength"/]
  }
  for (const [name, [options, message]] of Object.entries(common)) {
    t.throws(() => readCommonOptions({ keys, ...options } as never, policy), {
      code: 'FST_CC_OPTION_INVALID',
      message
    }, name)
  }
  for (
    const options of [{ replay: memoryStore() }, { duplicates: 'mark' }, { rememberMs: 1 }]
  ) {
    t.throws(
      () => readCommonOptions({ keys, ...options } as never, { ...policy, replay: 'never' }),
      {
        message: /has no effect/
      }
    )
  }
  t.equal(
    readCommonOptions({ keys, replay: false }, { ...policy, replay: 'never' }).replay,
    undefined
  )
})

t.test('every limit has a description', async t => {
  for (const [name, meaning] of Object.entries(limits)) t.match(meaning, /\.$/, name)
})
