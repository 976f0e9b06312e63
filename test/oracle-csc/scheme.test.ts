import { createHash } from 'node:crypto'
import {
  clickToCallUrl,
  createScheme,
  defaultNames,
  maskClickToCallUrl,
  type OracleCscInput,
  type ParameterNames,
  readClickToCallUrl,
  scheme
} from 'fastify-contact-center/oracle-csc'
import { InputError } from 'fastify-contact-center/kit'
import t from 'tap'
import { vectorsOf } from '../helper.ts'

const secret = 'a-key-of-at-least-16'
const input: OracleCscInput = { username: 'kim', callerId: '+15551234567' }
const sha = (algorithm: string, data: string | Uint8Array): string =>
  createHash(algorithm).update(data).digest('hex')

t.test('matches the known answers', async t => {
  for (const vector of vectorsOf<OracleCscInput>('oracle-csc')) {
    const { sign, verify, message } = createScheme(vector.options)
    t.equal(sign(vector.input, vector.secret), vector.signature, vector.name)
    t.ok(verify(vector.input, vector.signature, vector.secret), vector.name)
    if (vector.message !== undefined) {
      t.equal(
        Buffer.from(message(vector.input, vector.secret)).toString(),
        vector.message,
        vector.name
      )
    }
  }
})

t.test('hashes names, numbers and key bytes as the vendor does', async t => {
  const text = (input: OracleCscInput, options = {}, key = secret) =>
    Buffer.from(createScheme(options).message(input, key)).toString()
  t.equal(text(input), `kim+15551234567${secret}`)
  t.equal(
    text({ ...input, callId: '42' }),
    `kim42+15551234567${secret}`,
    'the call id comes before the number'
  )
  t.equal(text({ ...input, callId: '' }), text(input), 'an empty call id adds nothing')
  const letters = { username: 'Renée', callerId: '555' }
  t.equal(
    text(letters),
    `Renée555${secret.slice(0, -1)}`,
    'as many bytes as UTF-16 units: one byte of the key is cut'
  )
  t.equal(text(letters, { byteLength: 'utf8' }), `Renée555${secret}`)
  t.equal(
    text({ username: '김', callerId: '1' }, { minimumKeyBytes: 1 }, 'schlüssel-key'),
    '김1schlüssel-',
    'a key beyond ASCII is counted in bytes'
  )
  t.equal(
    createScheme({ algorithm: 'sha256' }).sign(input, secret),
    sha('sha256', `kim+15551234567${secret}`).replace(/^0+/, '')
  )
  t.equal(
    createScheme({ byteLength: 'utf8' }).sign(letters, secret),
    sha('sha1', `Renée555${secret}`).replace(/^0+/, '')
  )
})

t.test('refuses a hash with too few key bytes', async t => {
  const refused = /too little of the key/
  const bytes = (count: number): OracleCscInput => ({ username: 'é'.repeat(count), callerId: '1' })
  const cases: Record<string, [OracleCscInput, string, object, boolean]> = {
    'sixteen bytes left of twenty': [bytes(4), secret, {}, true],
    'fifteen left': [bytes(5), secret, {}, false],
    'a short key must be whole': [bytes(1), 'short-key', {}, false],
    'a short key that is whole': [bytes(0), 'short-key', {}, true],
    'none left': [bytes(20), secret, { minimumKeyBytes: 1 }, false],
    'less than none left': [{ username: '김'.repeat(20), callerId: '1' }, secret, {
      minimumKeyBytes: 1
    }, false],
    'one left where one is enough': [bytes(19), secret, { minimumKeyBytes: 1 }, true],
    'a minimum beyond the key': [bytes(0), secret, { minimumKeyBytes: 64 }, true],
    'all bytes hashed': [bytes(50), secret, { byteLength: 'utf8' }, true],
    "the vendor's code": [bytes(50), secret, { strict: false }, true]
  }
  for (const [name, [input, key, options, accepted]] of Object.entries(cases)) {
    const { sign, verify, message } = createScheme(options)
    if (accepted) {
      t.ok(verify(input, sign(input, key), key), name)
    } else {
      t.throws(() => sign(input, key), { name: 'InputError', message: refused }, name)
      t.throws(
        () => message(input, key),
        { name: 'InputError', message: refused },
        `${name}, message`
      )
      t.throws(() => verify(input, 'x', key), InputError, `${name}, verifying`)
    }
  }
  const loose = createScheme({ strict: false })
  t.equal(
    loose.sign(bytes(50), secret),
    loose.sign(bytes(50), "anybody's-key-of-20-"),
    'the refused hash: it has no key byte'
  )
})

t.test('accepts only the spellings of a hash that a peer writes', async t => {
  const input = { username: 'agent33', callerId: '5551234567' }
  const stripped = '5ab18ff64da7340c6c2ecdc9606b7b151b96ec'
  const accepts = (text: unknown, variant = scheme): boolean =>
    variant.verify(input, text as string, 'mySecretKey')
  for (
    const spelling of [
      stripped,
      stripped.toUpperCase(),
      '00' + stripped,
      '00' + stripped.toUpperCase()
    ]
  ) t.ok(accepts(spelling), spelling)
  const spellings: Record<string, unknown> = {
    'half of the zeros': '0' + stripped,
    'an extra zero': '000' + stripped,
    'one digit changed': stripped.replace('5', '6'),
    'a digit short': stripped.slice(0, -1),
    'a space after it': stripped + ' ',
    'a line feed after it': stripped + '\n',
    'a 0x before it': '0x' + stripped,
    'full-width digits': '５' + stripped.slice(1),
    'the hash of the other algorithm': createScheme({ algorithm: 'sha256' }).sign(
      input,
      'mySecretKey'
    ),
    zero: '0',
    empty: '',
    'not a string': undefined
  }
  for (const [name, value] of Object.entries(spellings)) t.equal(accepts(value), false, name)
  const sha256 = createScheme({ algorithm: 'sha256' })
  t.ok(accepts(sha256.sign(input, 'mySecretKey').padStart(64, '0'), sha256))
})

t.test('refuses unsafe input and misuse', async t => {
  t.notOk(scheme.verify(input, '0', secret), 'a single zero spells another hash')
  for (const missing of ['username', 'callerId'] as const) {
    t.throws(
      () => clickToCallUrl('https://csc.example/', { ...input, [missing]: undefined as never }),
      TypeError,
      `a URL without ${missing}`
    )
  }
  t.throws(() => clickToCallUrl('https://csc.example/', { ...input, callToken: 1 as never }), {
    name: 'TypeError',
    message: 'callToken must be a string'
  })
  t.throws(() => readClickToCallUrl('/', { names: { hash: 1 as never } }), {
    name: 'InputError',
    message: /"hash" must be a non-empty string/
  })
  t.strictSame(
    Object.keys(readClickToCallUrl('/?hash=1')),
    ['hash'],
    'a missing field'
  )
  for (const field of ['username', 'callerId', 'callId'] as const) {
    t.throws(() => scheme.sign({ ...input, [field]: '\ud800' }, secret), {
      name: 'InputError',
      message: `${field} is ill-formed: it has a lone surrogate`
    })
    t.throws(
      () => createScheme({ strict: false }).verify({ ...input, [field]: '\ud800' }, 'x', secret),
      InputError
    )
    t.throws(
      () => scheme.sign({ ...input, [field]: 1 }, secret),
      TypeError,
      `a number for ${field}`
    )
  }
  t.throws(() => scheme.sign(input, 'ill\ud800formed'), InputError)
  for (
    const run of [
      () => scheme.sign(input, ''),
      () => scheme.message(input, ''),
      () => createScheme({ strict: false }).verify(input, 'x', ''),
      () => createScheme({ algorithm: 'md5' as 'sha1' }),
      () => createScheme({ algorithm: 'toString' as 'sha1' }),
      () => createScheme({ byteLength: 'bytes' as 'utf8' }),
      () => createScheme({ minimumKeyBytes: 0 }),
      () => createScheme({ minimumKeyBytes: 1.5 })
    ]
  ) t.throws(run, TypeError, String(run))
})

t.test('declares limits that follow the options', async t => {
  t.ok(
    scheme.limits.includes('key-truncated') && scheme.limits.includes('weak-hash') &&
      scheme.limits.includes('no-separator')
  )
  t.equal(
    scheme.sign({ username: 'a', callerId: 'bc' }, secret),
    scheme.sign({ username: 'ab', callerId: 'c' }, secret),
    'no separator'
  )
  t.notOk(createScheme({ byteLength: 'utf8' }).limits.includes('key-truncated'))
  t.notOk(createScheme({ algorithm: 'sha256' }).limits.includes('weak-hash'))
})

t.test('builds and reads the click-to-call URL', async t => {
  const hash = 'ced73dcb833a0499df02372349f7b78377abdf55'
  const query =
    `clickToCallInit=true&username=agent1&hash=${hash}&UserTelephoneNumber=%2B15551234567`
  const fields = { username: 'agent1', callerId: '+15551234567', hash }
  const bases: Record<string, string> = {
    'http://foo:8080/agent/main': `http://foo:8080/agent/main?${query}`,
    'https://foo': `https://foo/?${query}`,
    'https://foo/agent/main.jsp?lang=en': `https://foo/agent/main.jsp?lang=en&${query}`,
    'https://foo/agent/main?': `https://foo/agent/main?${query}`,
    'https://foo/agent/main#home': `https://foo/agent/main?${query}#home`,
    'https://foo/agent/main?a=%20b#h?x': `https://foo/agent/main?a=%20b&${query}#h?x`
  }
  for (const [base, url] of Object.entries(bases)) {
    t.equal(clickToCallUrl(base, fields), url, base)
    t.strictSame(readClickToCallUrl(url), { ...fields, clickToCallInit: 'true' }, base)
  }
  t.match(
    clickToCallUrl('https://foo/', { username: "j.doe (sales)*~!'", callerId: '+1 555' }),
    /username=j\.doe\+%28sales%29\*%7E%21%27&UserTelephoneNumber=%2B1\+555$/,
    'without a hash, the agent logs in by hand'
  )

  const allFields = {
    referrer: 'https://shop/?a=b&c',
    callToken: 't',
    sessionGuid: 'g',
    callId: 'c',
    ...fields,
    password: 'not ours'
  }
  const full = clickToCallUrl('https://foo/', allFields)
  t.equal(
    full,
    `https://foo/?${query}&callid=c&estara_fsguid=g&token=t&referrer=https%3A%2F%2Fshop%2F%3Fa%3Db%26c`
  )
  const { password, ...read } = allFields
  t.strictSame(readClickToCallUrl(full), { ...read, clickToCallInit: 'true' })

  const names = {
    callerId: 'UserTelphoneNumber',
    callId: 'called',
    clickToCallInit: 'ctc init',
    username: 'u',
    hash: 'h'
  }
  const renamed = clickToCallUrl('https://foo/?username=1', { ...fields, callId: 'c' }, { names })
  t.equal(
    renamed,
    `https://foo/?username=1&ctc+init=true&u=agent1&h=${hash}&UserTelphoneNumber=%2B15551234567&called=c`
  )
  t.strictSame(readClickToCallUrl(renamed, { names }), {
    ...fields,
    callId: 'c',
    clickToCallInit: 'true'
  })
  t.strictSame(readClickToCallUrl('/agent/main'), {}, 'a target without a query')
})

t.test('refuses unsafe URLs', async t => {
  const make = (base: string, names?: Partial<ParameterNames>) => () =>
    clickToCallUrl(base, input, names === undefined ? {} : { names })
  const cases: Record<string, [() => unknown, RegExp]> = {
    'not a URL': [make('foo/agent'), /must be an absolute URL/],
    'another protocol': [make('javascript:alert(1)'), /must be http or https/],
    credentials: [make('https://u@foo/'), /must not contain credentials/],
    'a password': [make('https://:p@foo/'), /must not contain credentials/],
    'one of our parameters': [make('https://foo/?x=1&h%61sh=1'), /already has a parameter "hash"/],
    'a parameter that this URL does not use': [
      make('https://foo/?callid'),
      /already has a parameter "callid"/
    ],
    'one name for two': [
      make('https://foo/', { hash: 'username' }),
      /two parameters have the same name/
    ],
    'an empty name': [make('https://foo/', { hash: '' }), /name of parameter "hash" must be/],
    'an ill-formed name': [
      make('https://foo/', { hash: '\ud800' }),
      /name of parameter "hash" is ill-formed/
    ],
    'a name for nothing': [
      make('https://foo/', { hashes: 'h' } as object),
      /unknown parameter "hashes"/
    ],
    'an ill-formed value': [
      () => clickToCallUrl('https://foo/', { ...input, referrer: '\ud800' }),
      /referrer is ill-formed/
    ],
    'a repeated parameter': [
      () => readClickToCallUrl('/?username=a&us%65rname=b'),
      /repeats a parameter/
    ],
    'a broken escape': [() => readClickToCallUrl('/?username=%E9'), /invalid percent escape/]
  }
  for (const [name, [run, message]] of Object.entries(cases)) {
    t.throws(run, { name: 'InputError', message }, name)
  }
  t.throws(
    () => clickToCallUrl('https://foo/', { ...input, callId: 1 as unknown as string }),
    TypeError
  )
  t.throws(() => clickToCallUrl('https://foo/', { username: 'a' } as typeof input), TypeError)
})

t.test('a masked URL reveals neither credential nor person', async t => {
  const url = clickToCallUrl('https://foo/agent/main?lang=en#top', {
    ...input,
    hash: 'abc',
    callToken: 't'
  })
  t.equal(
    maskClickToCallUrl(url),
    'https://foo/agent/main?lang=en&clickToCallInit=true&username=***&hash=***&UserTelephoneNumber=***&token=***#top'
  )
  const cases: Record<string, string> = {
    '/agent/main': '/agent/main',
    '/?h%61sh=abc': '/?h%61sh=***',
    '/?HASH=abc&hash': '/?HASH=***&hash',
    '/#hash=abc': '/#hash=***',
    '/?x=?hash=abc': '/?x=?hash=***',
    '/?a=1;hash=a=b': '/?a=1;hash=***',
    '/?hash=a%0Ab\nc': '/?hash=***',
    '/?=x&%E9=1': '/?=x&%E9=1',
    '': ''
  }
  for (const [url, masked] of Object.entries(cases)) {
    t.equal(maskClickToCallUrl(url), masked, url)
  }
  for (const rest of ['?b', ';b', '?b=c;d', ';hash=x']) {
    t.equal(
      maskClickToCallUrl(`/?hash=a${rest}&x=1`),
      '/?hash=***&x=1',
      `found by fuzzing: a value that holds ${rest}`
    )
  }
  t.equal(maskClickToCallUrl('/?hash=a;b#x=1'), '/?hash=***#x=1')
  t.equal(
    maskClickToCallUrl('hash=a?b;c&?hash=d&hash'),
    'hash=***?&?hash=***&hash',
    "found by fuzzing: masking a path like a parameter keeps the query's ?"
  )
  t.equal(maskClickToCallUrl('hash=a;b?c'), 'hash=***?', 'only a ? starts the query')
  t.equal(maskClickToCallUrl('/?h=abc', { names: { hash: 'h' } }), '/?h=***')
  t.equal(Object.keys(defaultNames).length, 8)
  const before = process.cpuUsage()
  maskClickToCallUrl('/?' + 'a'.repeat(1e6))
  t.ok(process.cpuUsage(before).user < 2_000_000, 'a long target takes linear time')
})
