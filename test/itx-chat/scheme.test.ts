import { createScheme, scheme, type ItxChatInput } from 'fastify-contact-center/itx-chat'
import { InputError, parseWireJson } from 'fastify-contact-center/kit'
import t from 'tap'
import { vectorsOf } from '../helper.ts'

const secret = 'a-key-of-at-least-16'
const loose = createScheme({ strict: false })
const input: ItxChatInput = {
  verifiedData: { name: 'John Doe', email: 'john@example.com' },
  extSystemId: '12345'
}

t.test('matches the known answers', async t => {
  for (const vector of vectorsOf<ItxChatInput>('itx-chat')) {
    const scheme = createScheme(vector.options)
    if (vector.message !== undefined) {
      t.equal(scheme.message(vector.input, vector.secret), vector.message, vector.name)
    }
    t.equal(scheme.sign(vector.input, vector.secret), vector.signature, vector.name)
    t.ok(scheme.verify(vector.input, vector.signature, vector.secret), vector.name)
  }
})

t.test('builds the entries of an input', async t => {
  const key = 'KEY'
  const own = (text: string): object => JSON.parse(text) as object
  const cases: Record<string, [ItxChatInput, string]> = {
    'nothing but the secret': [{}, 'KEY'],
    'null for no data': [{ verifiedData: null, name: null }, 'KEY'],
    'null on the wire': [{ verifiedData: ' null ' }, 'KEY'],
    'every root value, none with its name': [{
      name: 'a',
      tag: 'b',
      email: 'c',
      phoneNumber: 'd',
      extSystemTag: 'e',
      extSystemId: 'f',
      extSystemLookupCode: 'g'
    }, 'KEY-a-b-c-d-e-f-g'],
    'an empty root value is left out, a blank one stays': [{ name: '', tag: ' ' }, ' -KEY'],
    'entries are sorted by code unit, the secret among them': [{
      verifiedData: { z: '', Z: '', '\u{1f600}': '', '\uff5e': '' }
    }, 'KEY-Z:-z:-\u{1f600}:-\uff5e:'],
    'entries are sorted, not names': [{ verifiedData: { ab: '1', a: '2' } }, 'KEY-a:2-ab:1'],
    'a string is used as it is': [
      { verifiedData: { a: 'say "hi" \\ / \u2028' } },
      'KEY-a:say "hi" \\ / \u2028'
    ],
    'an empty string stays': [{ verifiedData: { a: '' } }, 'KEY-a:'],
    'null becomes text': [{ verifiedData: { a: null } }, 'KEY-a:null'],
    'undefined is not sent': [{ verifiedData: { a: undefined, b: 1 } }, 'KEY-b:1'],
    'a date is its JSON text': [
      { verifiedData: { a: new Date(0) } },
      'KEY-a:1970-01-01T00:00:00.000Z'
    ],
    'a bigint is its digits': [
      { verifiedData: { a: 12345678901234567890n } },
      'KEY-a:12345678901234567890'
    ],
    'numbers of JavaScript': [{ verifiedData: { a: 1.0, b: -0, c: 1e21 } }, 'KEY-a:1-b:0-c:1e+21'],
    'numbers of the wire': [
      { verifiedData: '{"a":1.0,"b":-0,"c":1e3,"d":12345678901234567890}' },
      'KEY-a:1.0-b:-0-c:1e3-d:12345678901234567890'
    ],
    'nested values are compact, in source order': [{
      verifiedData: '{ "a" : { "2" : [ 1.50 , null , true ] , "1" : { } , "b" : [ ] } }'
    }, 'KEY-a:{"2":[1.50,null,true],"1":{},"b":[]}'],
    'nested text is escaped as the portal does': [{
      verifiedData: { a: ['\u2028\u2029<>&\u001f\b"\\/é'] }
    }, 'KEY-a:["\\u2028\\u2029<>&\\u001f\\b\\"\\\\/é"]'],
    'nested names are escaped too': [
      { verifiedData: { a: { '\u2028"': 1 } } },
      'KEY-a:{"\\u2028\\"":1}'
    ],
    'a repeated name: last value, first place': [{
      verifiedData: '{"a":{"x":1,"y":2,"x":3},"a":{"x":4,"y":5,"x":6}}'
    }, 'KEY-a:{"x":6,"y":5}'],
    '__proto__ is a name': [
      { verifiedData: own('{"__proto__":"p","a":{"__proto__":1}}') },
      'KEY-__proto__:p-a:{"__proto__":1}'
    ],
    '__proto__ is a name on the wire': [{ verifiedData: '{"__proto__":"p"}' }, 'KEY-__proto__:p'],
    'a value from parseWireJson': [
      { verifiedData: parseWireJson('{"a":1.0}', 'data') as object },
      'KEY-a:1.0'
    ]
  }
  for (const [name, [input, message]] of Object.entries(cases)) {
    t.equal(scheme.message(input, key), message, name)
    t.equal(loose.message(input, key), message, `${name}, not strict`)
  }
})

t.test('never mutates its input', async t => {
  const frozen = Object.freeze({ verifiedData: Object.freeze({ b: 1, a: Object.freeze([2]) }) })
  t.ok(scheme.verify(frozen, scheme.sign(frozen, secret), secret))
})

t.test('verify returns false for every other spelling of a signature, and never throws', async t => {
  const signature = scheme.sign(input, secret)
  const spellings: Record<string, unknown> = {
    'one digit changed': (signature[0] === '0' ? '1' : '0') + signature.slice(1),
    'upper case': signature.toUpperCase(),
    'one digit short': signature.slice(1),
    'two more': signature + '00',
    'a trailing line feed': signature + '\n',
    base64: Buffer.from(signature, 'hex').toString('base64'),
    'the same length in characters, more bytes': 'é'.repeat(40),
    empty: '',
    'not a string': undefined,
    'a list of it': [signature]
  }
  t.match(signature, /^[0-9a-f]*[a-f][0-9a-f]*$/, 'has a letter, so that upper case differs')
  for (const [name, value] of Object.entries(spellings)) {
    t.equal(scheme.verify(input, value as string, secret), false, name)
  }
  t.notOk(
    scheme.verify(
      { ...input, verifiedData: { name: 'Jane Doe', email: 'john@example.com' } },
      signature,
      secret
    ),
    'another name'
  )
})

t.test('strict signing refuses input that could be read as other entries', async t => {
  const refused: Record<string, [ItxChatInput, RegExp, ItxChatInput?]> = {
    'an entry inside a value': [{ verifiedData: { a: '1-b:2' } }, /verifiedData\.a contains "-"/, {
      verifiedData: { a: '1', b: '2' }
    }],
    'an entry after several hyphens': [{ verifiedData: { a: '1-2--b:' } }, /verifiedData\.a/, {
      verifiedData: { a: '1-2-', b: '' }
    }],
    'an entry in letters of another script': [
      { verifiedData: { a: '1-이름:2' } },
      /verifiedData\.a/,
      { verifiedData: { a: '1', 이름: '2' } }
    ],
    'an entry in nested text': [{ verifiedData: { a: ['-b:2'] } }, /verifiedData\.a/, {
      verifiedData: { a: '["', b: '2"]' }
    }],
    'a hyphen in a name': [{ verifiedData: { 'b-c': '1' } }, /name in verifiedData/, {
      verifiedData: { c: '1' },
      tag: 'b'
    }],
    'a colon in a name': [{ verifiedData: { 'a:b': '1' } }, /name in verifiedData/, {
      verifiedData: { a: 'b:1' }
    }],
    'a root value that is an entry': [{ tag: 'name:John' }, /tag has a name and ":"/, {
      verifiedData: { name: 'John' }
    }],
    'a root value that holds an entry': [
      { extSystemId: 'm-name:John' },
      /extSystemId has a name and ":"/,
      { verifiedData: { name: 'John' }, tag: 'm' }
    ],
    'a root value that is not text': [{ tag: 1 as unknown as string }, /tag must be a string/, {
      tag: '1'
    }],
    'a root value that is an object': [{ tag: {} as string }, /tag must be a string/]
  }
  for (const [name, [input, message, twin]] of Object.entries(refused)) {
    t.throws(() => scheme.sign(input, secret), { name: 'InputError', message }, name)
    t.throws(() => scheme.message(input, secret), InputError, `${name}, message`)
    t.throws(() => scheme.verify(input, 'x', secret), InputError, `${name}, verifying`)
    t.ok(loose.verify(input, loose.sign(input, secret), secret), `${name}, not strict`)
    if (twin !== undefined) {
      t.equal(loose.sign(input, secret), loose.sign(twin, secret), `${name}, and its twin`)
    }
  }
})

t.test('accepts legitimate customer data', async t => {
  const verifiedData = {
    name: 'Anne-Marie Smith-Jones',
    phoneNumber: '+47 12-34-56',
    email: 'anna-maria@my-site.example',
    born: '1970-01-02',
    seen: new Date(0),
    local: '2030-01-02T10:00:00-05:00',
    open: '09:00-17:00',
    link: 'https://my-site.example/a-b?c=d',
    meta: { from: '2030-01-02', 'a-b': -1, c: ['x-y', { z: 'z' }] }
  }
  t.ok(
    scheme.sign({
      verifiedData,
      extSystemId: '123e4567-e89b-12d3-a456-426614174000',
      extSystemLookupCode: '12:30'
    }, secret)
  )
})

t.test('strict inputs with the same text have the same names in verifiedData', async t => {
  const alphabet = ['', 'a', 'b', '-', ':', '1']
  const texts = new Set(
    alphabet.flatMap(a =>
      alphabet.flatMap(b => alphabet.flatMap(c => alphabet.flatMap(d => a + b + c + d)))
    )
  )
  const namesByText = new Map<string, string>()
  let collisions = 0
  const compareNames = (input: ItxChatInput): void => {
    let text: unknown
    try {
      text = scheme.message(input, 'KEY')
    } catch {
      return
    }
    const names = Object.keys(input.verifiedData ?? {}).sort().join()
    const before = namesByText.get(String(text)) ?? names
    if (before !== names) t.fail(`${String(text)} is read as ${before} and as ${names}`)
    if (namesByText.has(String(text))) collisions++
    namesByText.set(String(text), names)
  }
  for (const first of texts) {
    for (const tag of ['', 'a', 'b', 'a-b']) {
      compareNames({ tag: first, name: tag })
      for (const second of [undefined, 'a', '1-b']) {
        compareNames({ verifiedData: { a: first, b: second }, tag })
      }
    }
  }
  t.ok(collisions > 100, 'root values can still move: a documented limit')
})

t.test('refuses ill-formed input, strict or not', async t => {
  const refused: Record<string, [ItxChatInput, RegExp]> = {
    'a lone surrogate in a value': [
      { verifiedData: { a: '\ud800' } },
      /verifiedData\.a is ill-formed/
    ],
    'a lone surrogate in a nested value': [
      { verifiedData: '{"a":["\\ud800"]}' },
      /^entry 1 of verifiedData is ill-formed/
    ],
    'a lone surrogate in a nested name': [
      { verifiedData: { a: { '\udfff': 1 } } },
      /verifiedData\.a is ill-formed/
    ],
    'a lone surrogate in a name': [
      { verifiedData: { '\ud800': 1 } },
      /a name in verifiedData is ill-formed/
    ],
    'a lone surrogate in a root value': [{ tag: '\ud800' }, /tag is ill-formed/],
    'text that is not JSON': [{ verifiedData: '{a:1}' }, /verifiedData is not valid JSON/],
    'JSON followed by more text': [{ verifiedData: '{} {}' }, /verifiedData is not valid JSON/],
    'JSON nested too deep': [{ verifiedData: `{"a":${'['.repeat(2000)}` }, /nested deeper/],
    'a list for data': [{ verifiedData: [] }, /verifiedData must be an object/],
    'a number on the wire': [{ verifiedData: '1' }, /verifiedData must be an object/]
  }
  for (const [name, [input, message]] of Object.entries(refused)) {
    for (const variant of [scheme, loose]) {
      t.throws(() => variant.sign(input, secret), { name: 'InputError', message }, name)
      t.throws(() => variant.verify(input, 'x', secret), InputError, `${name}, verifying`)
    }
  }
})

t.test('regression: an error quoted a megabyte of a received name', async t => {
  const name = 'n'.repeat(2 ** 20)
  for (
    const verifiedData of [
      `{"a":1,"${name}":"1-b:2"}`,
      new Map([['a', '1'], ['b', '1-b:2']]),
      { a: 1, [name]: '1-b:2' },
      { a: 1, 'not a name': '1-b:2' }
    ]
  ) {
    t.throws(() => scheme.verify({ verifiedData }, 'x', secret), {
      name: 'InputError',
      message: /^entry 2 of verifiedData contains "-"/
    })
  }
  t.throws(() => scheme.sign({ verifiedData: { Ålder: '1-b:2' } }, secret), {
    message: /^verifiedData\.Ålder contains "-"/
  }, "the signer's own names appear in the error")
})

t.test('throws TypeError on misuse', async t => {
  const misuse: Record<string, () => unknown> = {
    'no secret': () => scheme.sign(input, ''),
    'no secret for the message': () => scheme.message(input, ''),
    'no secret, not strict': () => loose.sign(input, ''),
    'a secret that is not text': () => scheme.verify(input, '', 1 as unknown as string),
    'no input': () => scheme.sign(null as unknown as ItxChatInput, secret),
    'text for the input': () => scheme.sign('{}' as ItxChatInput, secret),
    'a number for data': () => scheme.sign({ verifiedData: 1 as unknown as object }, secret),
    'a function for data': () => scheme.sign({ verifiedData: () => {} }, secret),
    'regression: an object inside a Map was hashed as [object Object]': () =>
      scheme.message({ verifiedData: new Map([['a', { b: 1 }]]) }, secret),
    'a number of JavaScript inside a Map': () =>
      scheme.sign({ verifiedData: new Map([['a', 1]]) }, secret),
    'nothing inside a Map': () =>
      scheme.sign({ verifiedData: new Map([['a', undefined]]) }, secret),
    'an object deeper inside a Map': () =>
      scheme.sign({ verifiedData: new Map([['a', [new Map([['b', {}]])]]]) }, secret)
  }
  for (const [name, run] of Object.entries(misuse)) t.throws(run, TypeError, name)
  t.throws(() => scheme.sign(input, 'ill\ud800formed'), InputError)
})
