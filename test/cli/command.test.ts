import { readFileSync } from 'node:fs'
import { vendors } from 'fastify-contact-center'
import { diagnosisBySigning } from 'fastify-contact-center/explain'
import { createScheme, scheme } from 'fastify-contact-center/contiple'
import { scheme as oracleCsc } from 'fastify-contact-center/oracle-csc'
import t from 'tap'
import { now, vectorsOf } from '../helper.ts'
import { cc, secret } from './cc.ts'

const timestamp = String(now)
const input = { body: '{"callNum":"1"}', timestamp }
const fields = ['--field', `body=${input.body}`, '--field', `timestamp=${timestamp}`]
const signature = scheme.sign(input, secret)

t.test('sign, verify and explain, with the input in flags', async t => {
  t.strictSame(await cc('sign', 'contiple', ...fields, '--secret-env', 'KEY'), {
    code: 0,
    out: `${signature}\n`,
    err: ''
  })
  t.strictSame(
    await cc('verify', 'contiple', ...fields, '--secret-env', 'KEY', '--signature', signature),
    { code: 0, out: 'matches with KEY\n', err: '' }
  )
  t.strictSame(
    await cc(
      'verify',
      'contiple',
      ...fields,
      '--secret-env',
      'OLD_KEY',
      '--secret-env=KEY',
      `--signature=${signature}`
    ),
    { code: 0, out: 'matches with KEY\n', err: '' },
    'one of several keys'
  )
  t.strictSame(
    await cc('verify', 'contiple', ...fields, '--secret-env', 'OLD_KEY', '--signature', signature),
    { code: 1, out: 'does not match with OLD_KEY\n', err: '' }
  )
  t.match(
    await cc('explain', 'contiple', ...fields, '--secret-env', 'KEY', '--signature', signature),
    { code: 0, out: /^matches with KEY\nThe text to sign/, err: '' }
  )
})

t.test('prints JSON with --json', async t => {
  const json = async (...argv: string[]) => {
    const { code, out } = await cc(...argv, ...fields, '--json')
    return [code, JSON.parse(out)]
  }
  t.strictSame(await json('sign', 'contiple', '--secret-env', 'KEY'), [0, {
    vendor: 'contiple',
    keyId: 'KEY',
    signature
  }])
  t.strictSame(await json('verify', 'contiple', '--secret-env', 'KEY', '--signature', signature), [
    0,
    { vendor: 'contiple', matches: true, keyId: 'KEY' }
  ])
  t.strictSame(
    await json('verify', 'contiple', '--secret-env', 'OLD_KEY', '--signature', signature),
    [1, { vendor: 'contiple', matches: false }]
  )
  t.match(
    await json(
      'explain',
      'contiple',
      '--secret-env',
      'OLD_KEY',
      '--other-secret-env',
      'KEY',
      '--signature',
      signature
    ),
    [1, {
      vendor: 'contiple',
      matches: false,
      keyId: 'KEY',
      reasons: [{ code: 'key-other', text: String, fix: String }],
      signedText: input.body + timestamp,
      tried: Number
    }]
  )
})

t.test('explain: reason, fix and text, and no secret', async t => {
  const explain = async (signature: string, ...more: string[]) =>
    await cc(
      'explain',
      'contiple',
      ...fields,
      '--secret-env',
      'KEY',
      '--signature',
      signature,
      ...more
    )
  const reserialised = await explain(scheme.sign({ ...input, body: '{"callNum": "1"}' }, secret))
  t.match(reserialised, {
    code: 1,
    out: /^does not match; signed with KEY, but:\n- body-reserialised: .+\n {2}Sign the exact bytes/
  })
  t.match(
    reserialised.out,
    `The text to sign, with the secret masked:\n${input.body}${timestamp}\n`
  )
  t.match(await explain('A'.repeat(43) + '='), {
    code: 1,
    out:
      /^does not match, and none of [0-9]+ known mistakes .+\nWas another key used\? .* --other-secret-env /
  })
  t.notMatch(
    (await explain('A'.repeat(43) + '=', '--other-secret-env', 'OLD_KEY')).out,
    'another key used?'
  )
  t.match(
    (await explain('A'.repeat(43) + '=')).out,
    '\nIs the plugin registered with signedContent? Give the same here: --option signedContent=VALUE.\n'
  )
  t.notMatch(
    (await explain('A'.repeat(43) + '=', '--option', 'signedContent=body')).out,
    'registered with'
  )

  t.match(await explain(signature, '--tolerance', '1000'), {
    code: 0,
    out: /^matches with KEY\nThe text/
  }, "by this machine's clock")
  t.match(await explain(signature, '--tolerance', '999'), {
    code: 1,
    out:
      /^matches with KEY\n- time-outside-window: The time is 1000 ms in the past; the limit is 999/
  })
  t.match(
    await explain(signature, '--now', String(now + 300_000)),
    { code: 0 },
    'the default tolerance'
  )
  t.match(await explain(signature, '--now', String(now + 300_001)), {
    code: 1,
    out: /time-outside-window/
  })

  const masked = await cc(
    'explain',
    'contiple',
    '--field',
    `body={"a":"${secret}"}`,
    '--field',
    `timestamp=${timestamp}`,
    '--secret-env',
    'KEY',
    '--signature',
    'x'
  )
  t.match(masked.out, '{"a":"‹secret›"}')
  t.notMatch(masked.out, secret)
  const hostile = await cc(
    'explain',
    'contiple',
    '--field',
    'body={"a":"\u001b[2J\u202e\r\n"}',
    '--field',
    `timestamp=${timestamp}`,
    '--secret-env',
    'KEY',
    '--signature',
    'x'
  )
  t.match(
    hostile.out,
    '{"a":"\\u{1b}[2J\\u{202e}\\u{d}\\u{a}"}',
    'received bytes cannot control the terminal'
  )
})

t.test('mentions a time only if the vendor signs one', async t => {
  const { out } = await cc(
    'explain',
    'oracle-csc',
    '--field',
    'username=kim',
    '--field',
    'callerId=+1555',
    '--secret-env',
    'KEY',
    '--signature',
    oracleCsc.sign({ username: 'kim', callerId: '+1555' }, secret)
  )
  t.match(out, /^matches with KEY\nThe text/)
})

t.test('every vendor signs its vectors, with its options', async t => {
  for (const vendor of vendors) {
    // Only Telnyx has its private key.
    if (vendor === 'telnyx') continue
    for (const { name, options, input, secret, signature } of vectorsOf<object>(vendor)) {
      const dir = t.testdir({ 'input.json': JSON.stringify(input), key: `${secret}\n` })
      const flags = Object.entries(options).flatMap((
        [option, value]
      ) => ['--option', `${option}=${String(value)}`])
      t.match(
        await cc(
          'sign',
          vendor,
          '--input',
          `${dir}/input.json`,
          '--secret-file',
          `${dir}/key`,
          ...flags
        ),
        { code: 0, out: `${signature}\n` },
        `${vendor}: ${name}`
      )
    }
  }
})

t.test('options of the scheme', async t => {
  const prose = createScheme({ signedContent: 'uri+body' }).sign({ ...input, uri: '/x' }, secret)
  t.strictSame(
    await cc(
      'sign',
      'contiple',
      ...fields,
      '--field',
      'uri=/x',
      '--secret-env',
      'KEY',
      '--option',
      'signedContent=uri+body'
    ),
    { code: 0, out: `${prose}\n`, err: '' }
  )
  t.match(
    await cc(
      'sign',
      'contiple',
      '--field',
      'body=1',
      '--field',
      'timestamp=1',
      '--secret-env',
      'KEY'
    ),
    { code: 2, err: /must not end in a digit/ }
  )
  t.match(
    await cc(
      'sign',
      'contiple',
      '--field',
      'body=1',
      '--field',
      'timestamp=1',
      '--secret-env',
      'KEY',
      '--option',
      'strict=false'
    ),
    { code: 0 }
  )
  const oracle = [
    'sign',
    'oracle-csc',
    '--field',
    'username=kim',
    '--field',
    'callerId=+1555',
    '--secret-env',
    'KEY'
  ]
  t.match(await cc(...oracle, '--option', 'minimumKeyBytes=16', '--option', 'strict=true'), {
    code: 0
  })
  t.match(await cc(...oracle, '--option', 'minimumKeyBytes=all'), {
    code: 2,
    err: /minimumKeyBytes must be a positive integer/
  })
  t.match(await cc(...oracle, '--option', 'key=x'), {
    code: 2,
    err:
      /--option key is unknown to oracle-csc; its options: algorithm, byteLength, minimumKeyBytes, strict, checkCallId, names\n/
  })
})

t.test('input from a file keeps digits', async t => {
  const dir = t.testdir({
    'aicc.json':
      '{"params":{"id":1197765398201387012,"ratio":1.0,"list":[1,null,true,"x\\u0041"]},"timestamp":1660095873001,"nonce":"n1"}',
    'list.json': '[]',
    'broken.json': '{',
    'bytes.json': Buffer.from([0xff]),
    'null.json': '{"verifiedData":null,"name":"Kim"}'
  })
  const { scheme: aicc } = await import('fastify-contact-center/huawei-aicc')
  const expected = aicc.sign({
    params: '{"id":1197765398201387012,"ratio":1.0,"list":[1,null,true,"xA"]}',
    timestamp,
    nonce: 'n1'
  }, secret)
  t.strictSame(
    await cc('sign', 'huawei-aicc', '--input', `${dir}/aicc.json`, '--secret-env', 'KEY'),
    { code: 0, out: `${expected}\n`, err: '' }
  )
  t.match(await cc('sign', 'itx-chat', '--input', `${dir}/null.json`, '--secret-env', 'KEY'), {
    code: 0
  })
  for (
    const [file, message] of [
      ['list', /must hold a JSON object/],
      ['broken', /is not valid JSON/],
      ['bytes', /is not valid UTF-8/],
      ['missing', /--input: cannot read .*missing\.json \(ENOENT\)/]
    ] as const
  ) {
    t.match(await cc('sign', 'contiple', '--input', `${dir}/${file}.json`, '--secret-env', 'KEY'), {
      code: 2,
      out: '',
      err: message
    }, file)
  }
})

t.test('secrets come from a variable or a file', async t => {
  const dir = t.testdir({
    bare: secret,
    lf: `${secret}\n`,
    crlf: `${secret}\r\n`,
    two: `${secret}\n\n`,
    blank: '\n',
    bytes: Buffer.from([0xff])
  })
  const sign = async (file: string) =>
    await cc('sign', 'contiple', ...fields, '--secret-file', `${dir}/${file}`)
  t.strictSame(await sign('bare'), { code: 0, out: `${signature}\n`, err: '' })
  for (const file of ['lf', 'crlf']) {
    t.strictSame(await sign(file), {
      code: 0,
      out: `${signature}\n`,
      err: `note: the line break at the end of ${dir}/${file} is not part of the key\n`
    })
  }
  t.equal(
    (await sign('two')).out,
    `${scheme.sign(input, `${secret}\n`)}\n`,
    'only one line end is removed'
  )
  t.match(await sign('blank'), { code: 2, err: /the key .*blank is blank/ })
  t.match(await sign('bytes'), { code: 2, err: /is not valid UTF-8/ })
  t.match(await sign('missing'), {
    code: 2,
    err: /--secret-file: cannot read .*missing \(ENOENT\)/
  })
  t.match(
    await cc(
      'explain',
      'contiple',
      ...fields,
      '--secret-env',
      'KEY',
      '--other-secret-file',
      `${dir}/none`,
      '--signature',
      'x'
    ),
    { code: 2, err: /--other-secret-file: cannot read/ }
  )
})

t.test('refuses with exit code 2, the reason on stderr, nothing on stdout', async t => {
  const sign = ['sign', 'contiple', ...fields]
  const verify = ['verify', 'contiple', ...fields, '--secret-env', 'KEY']
  const refused: Record<string, [string[], RegExp]> = {
    'no command': [[], /a command is missing; the commands: sign, verify, explain/],
    'an unknown command': [['forge', 'contiple'], /unknown command forge; the commands: sign/],
    'no vendor': [
      ['sign', '--secret-env', 'KEY'],
      /a vendor is missing; the vendors: oracle-csc, contiple/
    ],
    'an unknown vendor': [
      ['sign', '../kit'],
      /unknown vendor \.\.\/kit; the vendors: oracle-csc/
    ],
    'a stray word': [
      [...sign, 'KEY'],
      /too many arguments: only the vendor has no option before it/
    ],
    'an unknown argument': [[...sign, '--force'], /Unknown option '--force'/],
    'an argument of another command': [
      [...sign, '--tolerance', '1'],
      /Unknown option '--tolerance'/
    ],
    'no value': [[...sign, '--secret-env'], /argument missing/],
    'a switch with a value': [[...sign, '--json=yes'], /does not take an argument/],
    'a value given twice': [
      [...verify, '--signature', 'a', '--signature', 'b'],
      /--signature is repeated/
    ],
    'a field given twice': [
      [...sign, '--field', 'body=x', '--secret-env', 'KEY'],
      /--field body is repeated/
    ],
    'a field without a value': [
      [...sign, '--field', 'uri', '--secret-env', 'KEY'],
      /--field needs NAME=VALUE/
    ],
    'a field without a name': [
      [...sign, '--field', '=x', '--secret-env', 'KEY'],
      /--field needs NAME=VALUE/
    ],
    'a misspelt field': [
      [...sign, '--field', 'url=/x', '--secret-env', 'KEY'],
      /contiple has no field url; its fields: body, timestamp, uri/
    ],
    'a missing field': [
      ['sign', 'contiple', '--field', 'body=x', '--secret-env', 'KEY'],
      /timestamp must be a string/
    ],
    'input that must not be signed': [[
      'sign',
      'contiple',
      '--field',
      'body=x',
      '--field',
      'timestamp=1e3',
      '--secret-env',
      'KEY'
    ], /timestamp must be 1 to 19 digits/],
    'no input': [['sign', 'contiple', '--secret-env', 'KEY'], /use exactly one of --field/],
    'input in two ways': [
      [...sign, '--input', 'x', '--secret-env', 'KEY'],
      /use exactly one of --field/
    ],
    'no key': [sign, /a key is missing: use --secret-env NAME or --secret-file PATH/],
    'a variable that is not set': [
      [...sign, '--secret-env', 'NONE'],
      /the environment variable NONE is not set/
    ],
    'a blank variable': [[...sign, '--secret-env', 'BLANK'], /the key BLANK is blank/],
    'an empty variable': [[...sign, '--secret-env', 'EMPTY'], /the key EMPTY is blank/],
    'two keys to sign with': [
      [...sign, '--secret-env', 'KEY', '--secret-env', 'OLD_KEY'],
      /sign needs exactly one key/
    ],
    'no signature': [verify, /a signature is missing/],
    'a clock in words': [
      ['explain', ...verify.slice(1), '--signature', 'x', '--now', 'today'],
      /--now needs milliseconds in digits/
    ],
    'a zero tolerance': [
      ['explain', ...verify.slice(1), '--signature', 'x', '--tolerance', '0'],
      /"tolerance" must be a positive integer/
    ]
  }
  for (const [name, [argv, message]] of Object.entries(refused)) {
    t.match(await cc(...argv), { code: 2, out: '', err: message }, name)
  }
})

t.test('refuses a secret as an argument, without repeating it', async t => {
  for (
    const argv of [['--secret', secret], [`--secret=${secret}`], ['--other-secret', secret], [
      '--secret-env',
      secret
    ], ['--other-secret-env', secret, '--secret-env', 'KEY']]
  ) {
    const { code, out, err } = await cc(
      'explain',
      'contiple',
      ...fields,
      '--signature',
      'x',
      ...argv
    )
    t.equal(code, 2)
    t.match(err, /a secret must not be an argument|needs the name of a variable, not its value/)
    t.notMatch(out + err, secret)
  }
  t.notMatch((await cc('sign', 'contiple', ...fields, secret)).err, secret)
})

t.test('help', async t => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  t.strictSame(await cc('--version'), { code: 0, out: `${version}\n`, err: '' })
  const overview = await cc('--help')
  t.match(overview, { code: 0, err: '' })
  for (const word of ['sign', 'verify', 'explain', ...vendors, 'Exit codes']) {
    t.match(overview.out, word)
  }
  for (const command of ['sign', 'verify', 'explain']) {
    const help = await cc(command, '--help')
    t.match(help, {
      code: 0,
      out: new RegExp(`^Usage: fastify-contact-center ${command} VENDOR`),
      err: ''
    })
    t.equal(help.out.includes('--signature TEXT'), command !== 'sign')
    t.equal(help.out.includes('--tolerance MS'), command === 'explain')
  }
})

t.test('telnyx: a public key verifies and explains, but cannot sign', async t => {
  const [vector] = vectorsOf<{ body: string, timestamp: string }>('telnyx')
  const dir = t.testdir({ 'input.json': JSON.stringify(vector?.input), key: `${vector?.secret}\n` })
  const args = ['telnyx', '--input', `${dir}/input.json`, '--secret-file', `${dir}/key`]
  t.match(await cc('sign', ...args), { code: 2, err: /only telnyx itself can sign/ })
  const signed = [...args, '--signature', vector?.signature ?? '']
  t.match(await cc('verify', ...signed), { code: 0, out: /^matches with / })
  t.match(await cc('explain', ...signed), { code: 0, out: /^matches with / })
  t.match(
    await cc('explain', ...args, '--signature', vector?.signature.replace(/=+$/, '') ?? ''),
    { code: 1, out: /spelling-unpadded/ }
  )
})

t.test('refuses an option that the plugin would refuse', async t => {
  for (
    const [vendor, value, err] of [
      ['twilio', 'voice.example.com', /--option publicUrl must be the http or https URL/],
      ['twilio', '12', /--option publicUrl must be the http or https URL/],
      ['genesys-audiohook', 'hook.example.com', /--option publicUrl must be the wss URL/]
    ] as const
  ) {
    const args = [vendor, '--secret-env', 'KEY', '--field', 'url=https://a.example/']
    t.match(await cc('explain', ...args, '--signature', 'x', '--option', `publicUrl=${value}`), {
      code: 2,
      out: '',
      err
    })
  }
})

t.test('regression: explain accepted seconds that the server refused', async t => {
  const seconds = String(now).slice(0, -3)
  const explain = async (time: string, ...more: string[]) => {
    const signed = scheme.sign({ body: input.body, timestamp: time }, secret)
    return await cc(
      ...['explain', 'contiple', '--field', `body=${input.body}`, '--field', `timestamp=${time}`],
      ...['--secret-env', 'KEY', '--signature', signed, ...more]
    )
  }
  for (
    const [time, code] of [
      [seconds, 'time-seconds: The time looks like seconds'],
      [`${now}000`, 'time-microseconds: The time looks like microseconds'],
      [`${now}000000`, 'time-nanoseconds: The time looks like nanoseconds']
    ] as const
  ) {
    t.match(await explain(time), { code: 1, out: `matches with KEY\n- ${code}.\n` })
    t.match(await explain(time, '--now', '1'), { code: 1, out: `matches with KEY\n- ${code}.\n` })
  }
  t.match(await explain(String(now - 299_001)), {
    code: 1,
    out: /300001 ms in the past.*\n.*\nThe/
  })
  t.match(
    (await explain(String(now - 3_600_000))).out,
    'For an older capture, pass its arrival time: --now MS'
  )
  t.notMatch((await explain(String(now - 3_600_000), '--now', String(now))).out, 'older capture')
  t.match(await explain(String(now), '--now', String(now)), { code: 0 })
})

t.test('an input that the scheme refuses does not match, and is not signed', async t => {
  const reason = 'body must not end in a digit: it would run into the timestamp'
  const fields = ['--field', 'body=1', '--field', `timestamp=${timestamp}`, '--secret-env', 'KEY']
  const args = ['contiple', ...fields, '--signature', 'x']
  t.strictSame(await cc('verify', ...args), {
    code: 1,
    out: `does not match: the input is refused, because ${reason}\n`,
    err: ''
  })
  t.same(JSON.parse((await cc('verify', ...args, '--json')).out), {
    vendor: 'contiple',
    matches: false,
    refused: reason
  })
  t.match(await cc('explain', ...args), {
    code: 1,
    out: `does not match\n- input-refused: The input is refused: ${reason}.\n`,
    err: ''
  })
  const { reasons } = JSON.parse((await cc('explain', ...args, '--json')).out) as {
    reasons: Array<{ code: string }>
  }
  t.same(reasons.map(({ code }) => code), ['input-refused'])
  t.match(await cc('sign', 'contiple', ...fields), { code: 2, out: '', err: reason })
})

t.test('loads a vendor from a file, with or without a diagnosis', async t => {
  const template = 'examples/custom-vendor/index.ts'
  const { scheme: acme } = await import('../../examples/custom-vendor/index.ts')
  const fields = ['--field', 'body={"a":1}', '--field', `time=${timestamp}`, '--secret-env', 'KEY']
  const genuine = acme.sign({ body: '{"a":1}', time: timestamp }, secret)
  t.strictSame(await cc('sign', template, ...fields), { code: 0, out: `${genuine}\n`, err: '' })
  t.match(await cc('verify', `./${template}`, ...fields, '--signature', genuine), {
    code: 0,
    out: 'matches with KEY\n'
  })
  t.match(await cc('explain', template, ...fields, '--signature', genuine), { code: 0 })
  const spelt = Buffer.from(genuine, 'base64').toString('hex')
  t.match(await cc('explain', template, ...fields, '--signature', spelt), {
    code: 1,
    out: /- spelling-hex: /
  })
  const otherKeys = ['--other-secret-env', 'OLD_KEY']
  const old = acme.sign({ body: '{"a":1}', time: timestamp }, 'the-key-of-last-month')
  t.match(await cc('explain', template, ...fields, ...otherKeys, '--signature', old), {
    code: 1,
    out: /- key-other: /
  })
  t.match(await cc('sign', template, ...fields, '--option', 'nothing=1'), {
    code: 2,
    err: /--option nothing is unknown to acme; it has no options$/m
  })

  const dir = t.testdir({
    'a.http': 'POST / HTTP/1.1\n\n{}',
    'named.mjs': `export const createScheme = () => ({
      name: 'named', limits: [], message: ({ a }) => a,
      sign: ({ a }, key) => 'v0=' + Buffer.from(a + key.padEnd(30, '.')).toString('hex'),
      verify: () => false
    })`,
    'verifier.mjs': `export default { vendor: { name: 'theirs', options: {}, scheme: () => ({
      name: 'theirs', limits: [], message: ({ a }) => a, verify: () => false }) } }`,
    'reader.mjs': `export default { vendor: {
      name: 'reader', options: {}, scheme: () => ({ name: 'reader', limits: [],
        message: ({ a }) => a, sign: ({ a }, key) => a + key, verify: ({ a }, s, key) => s === a + key }),
      diagnosis: () => ({ spelling: 'hex', digest: () => Buffer.alloc(0), variants: () => [],
        extract: ({ body }) => ({ input: { a: String(body) }, signature: String(body) + '${secret}' })
      }) } }`,
    'nothing.mjs': 'export const a = 1',
    'typescript.mjs':
      'throw Object.assign(new Error("as old Nodes do"), { code: "ERR_UNKNOWN_FILE_EXTENSION" })',
    'broken.mjs': 'throw new Error("at once")',
    'imports.mjs': "import './not-there.mjs'"
  })
  const named = ['--field', 'a=1', '--secret-env', 'KEY']
  t.match(await cc('sign', `${dir}/named.mjs`, ...named), { code: 0, out: /^v0=[0-9a-f]+\n/ })
  t.match(
    await cc(
      'explain',
      `${dir}/named.mjs`,
      ...named,
      '--signature',
      `v0=${Buffer.from('1' + secret.padEnd(30, '.')).toString('base64')}`
    ),
    { code: 1, out: /- spelling-base64: / },
    'hex behind a prefix'
  )
  t.match(
    await cc('verify', `${dir}/reader.mjs`, '--request', `${dir}/a.http`, '--secret-env', 'KEY'),
    { code: 0, out: 'matches with KEY\n' },
    'a diagnosis without missing parts'
  )
  for (
    const [argv, err] of [
      [['explain', 'verifier', ...named, '--signature', 'x'], /theirs cannot be explained/],
      [['sign', 'verifier', ...named], /only theirs itself can sign/],
      [['sign', 'nothing', ...named], /nothing\.mjs exports no vendor/],
      [['sign', 'broken', ...named], /broken\.mjs cannot be loaded: at once/],
      [['sign', 'imports', ...named], /imports\.mjs cannot be loaded: Cannot find module/],
      [['sign', 'typescript', ...named], /cannot load TypeScript: use Node 22\.18 or later/],
      [['sign', 'gone', ...named], /gone\.mjs cannot be loaded: there is no such file$/m],
      [
        ['verify', 'named', '--request', `${dir}/a.http`, '--secret-env', 'KEY'],
        /named has no diagnosis, so it cannot read a request: use --field or --input/
      ]
    ] as const
  ) {
    const [command, file, ...rest] = argv
    t.match(await cc(command, `${dir}/${file}.mjs`, ...rest), { code: 2, out: '', err })
  }
  const named2 = diagnosisBySigning(acme, { body: '{}', time: '1' }, secret)
  t.throws(
    () => named2.extract({ method: 'GET', target: '/', headers: new Map(), body: Buffer.from('') }),
    { code: 'ERR_CC_INPUT', message: /acme has no diagnosis/ }
  )
})
