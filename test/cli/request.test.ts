import { createHmac } from 'node:crypto'
import { createScheme, scheme } from 'fastify-contact-center/contiple'
import t from 'tap'
import { findOddities, parseHttpMessage } from '../../cli/http-file.ts'
import { now } from '../helper.ts'
import { cc, secret } from './cc.ts'

const timestamp = String(now)

function request (body: string, { end = '\r\n', signed = body, more = '' } = {}): string {
  return [
    'POST /contiple/customer?x=1 HTTP/1.1',
    'Host: api.example.com',
    `AUTHORIZATION:${scheme.sign({ body: signed, timestamp }, secret)} \t`,
    `X-TC-Timestamp: ${timestamp}`,
    more,
    '',
    ''
  ].filter((line, index) => line !== '' || index > 4).join(end) + body
}

t.test('reads every byte after the head of a request file as the body', async t => {
  const files = {
    'crlf.http': request('{"a":1}'),
    'lf.http': request('{"a":1}', { end: '\n' }),
    'newline.http': request('{"a":1}\r\n\r\n'),
    'lengthened.http': request('{"a":1}\n', { signed: '{"a":1}', more: 'Content-Length: 7' }),
    'forged.http': request('{"a":2}', { signed: '{"a":1}' }),
    'unsigned.http': 'GET / HTTP/1.1\r\n\r\n',
    'curl.http': '* Connected to host\n> POST / HTTP/1.1\n> Host: host\n',
    'no-head.http': '\r\nPOST / HTTP/1.1\r\n\r\n'
  }
  const dir = t.testdir(files)
  const verify = async (file: string, ...more: string[]) =>
    await cc('verify', 'contiple', '--request', `${dir}/${file}`, '--secret-env', 'KEY', ...more)
  for (const file of ['crlf.http', 'lf.http', 'newline.http']) {
    t.strictSame(await verify(file), { code: 0, out: 'matches with KEY\n', err: '' }, file)
  }
  t.match(await verify('lengthened.http'), {
    code: 1,
    err: /note: Content-Length is 7, but 8 bytes follow the head/
  })
  t.match(
    await cc('explain', 'contiple', '--request', `${dir}/lengthened.http`, '--secret-env', 'KEY'),
    { code: 1, out: /- body-(?:reserialised|trimmed|newline): / }
  )
  t.match(await verify('forged.http'), { code: 1, out: 'does not match with KEY\n', err: '' })
  t.match(
    await verify('forged.http', '--signature', scheme.sign({ body: '{"a":2}', timestamp }, secret)),
    { code: 0 },
    "another signature than the request's own"
  )
  t.match(await verify('unsigned.http'), {
    code: 2,
    err: /a signature is missing: use --signature TEXT, or a request that contains it/
  })
  t.match(await verify('curl.http'), { code: 2, err: /this is curl's log: keep the lines that/ })
  t.match(await verify('no-head.http'), { code: 2, err: /must begin with a request line/ })
  t.match(await verify('missing.http'), {
    code: 2,
    err: /--request: cannot read .*missing\.http \(ENOENT\)/
  })
  t.strictSame(
    await cc('sign', 'contiple', '--request', `${dir}/forged.http`, '--secret-env', 'KEY'),
    { code: 0, out: `${scheme.sign({ body: '{"a":2}', timestamp }, secret)}\n`, err: '' },
    'the expected signature'
  )
  const prose = createScheme({ signedContent: 'uri+body' }).sign({
    body: '{"a":1}',
    timestamp,
    uri: '/contiple/customer?x=1'
  }, secret)
  t.match(await verify('crlf.http', '--option', 'signedContent=uri+body', '--signature', prose), {
    code: 0
  }, 'with the target')
})

t.test('parses the head of a request, and refuses a malformed one', async t => {
  const parse = (text: string) => parseHttpMessage(Buffer.from(text, 'latin1'))
  const { method, target, headers, body } = parse(
    'PUT https://api.example.com/a?b=https://c HTTP/2\nA: 1\na:  2 \nUmlaut: \u00e4\nEmpty:\n\n\n\u0000'
  )
  t.strictSame([method, target, [...headers], Buffer.from(body).toString('latin1')], [
    'PUT',
    '/a?b=https://c',
    [['a', '1'], ['umlaut', '\u00e4'], ['empty', '']],
    '\n\u0000'
  ])
  t.match(
    parse('GET /a?b'),
    { method: 'GET', target: '/a?b', body: { length: 0 } },
    'a request line alone'
  )
  t.match(parse('GET / HTTP/1.1\r\nA: 1\r\n'), { body: { length: 0 } }, 'no empty line')
  for (
    const text of [
      '',
      'HTTP/1.1 200 OK\n\n',
      'get / HTTP/1.1\n\n',
      'GET /a b HTTP/1.1\n\n',
      '\ufeffGET / HTTP/1.1\n\n'
    ]
  ) t.throws(() => parse(text), { name: 'UsageError', message: /request line/ }, text)
  for (const line of ['no colon', ' folded: 1', 'a b: 1', ': 1']) {
    t.throws(() => parse(`GET / HTTP/1.1\nA: 1\n${line}\n\n`), {
      message: 'line 3 of the request is not a header; put an empty line after the last header'
    }, line)
  }
})

t.test('notes oddities that make a valid signature look wrong', async t => {
  const odd = (head: string, body = '') =>
    findOddities(parseHttpMessage(Buffer.from(`POST / HTTP/1.1\n${head}\n\n${body}`)))
  t.strictSame(odd('Content-Length: 2', '{}'), [])
  t.match(odd('Transfer-Encoding: chunked\nContent-Encoding: gzip'), [
    /transfer-encoding/,
    /content-encoding/
  ])
})

t.test('regression: for a capture without the header, the command asked for an option', async t => {
  const dir = t.testdir({
    'no-signature.http': `POST / HTTP/1.1\nX-TC-Timestamp: ${timestamp}\n\n{}`,
    'no-time.http': 'POST / HTTP/1.1\nAuthorization: x\n\n{}',
    'chat.http': 'POST / HTTP/1.1\n\n{"verifiedData":{}}',
    'call.http': 'POST / HTTP/1.1\n\n{"callId":"1"}',
    'csc.http': 'GET /?username=kim&UserTelephoneNumber=1 HTTP/1.1\n\n',
    'member.http': 'GET /shop/hc/?usercode=u&time=1 HTTP/1.1\n\n'
  })
  const cases = [
    [
      'contiple',
      'no-signature',
      /: the request has no Authorization header; a signature is missing/
    ],
    ['contiple', 'no-time', /: the request has no X-TC-Timestamp header$/m],
    ['itx-chat', 'chat', /: the body has no field extSystemHash; a signature is missing/],
    [
      'huawei-aicc',
      'call',
      /: the body has no parameter signature; the body has no parameter time/
    ],
    ['oracle-csc', 'csc', /: the URL has no parameter hash; a signature is missing/],
    ['online-contact', 'member', /: the URL has no parameter token; a signature is missing/]
  ] as const
  for (const command of ['verify', 'explain']) {
    for (const [vendor, file, err] of cases) {
      t.match(
        await cc(command, vendor, '--request', `${dir}/${file}.http`, '--secret-env', 'KEY'),
        { code: 2, out: '', err },
        `${command} ${vendor} ${file}`
      )
    }
  }
  t.match(
    await cc('sign', 'contiple', '--request', `${dir}/no-time.http`, '--secret-env', 'KEY'),
    { code: 2, err: /no X-TC-Timestamp header/ }
  )
})

t.test('explain names the matching signature of several in a header', async t => {
  const at = String(Math.floor(now / 1000))
  const mac = (text: string): string =>
    `v1,${createHmac('sha256', secret).update(text).digest('base64')}`
  const [genuine, foreign, mistaken] = [`1.${at}.{}`, 'other', '{}'].map(mac)
  const capture = (signatures: string): string =>
    `POST / HTTP/1.1\nwebhook-id: 1\nwebhook-timestamp: ${at}\nwebhook-signature: ${signatures}\n\n{}`
  const dir = t.testdir({
    'right.http': capture(`${foreign} ${genuine}`),
    'mistaken.http': capture(`${mistaken} ${foreign}`),
    'none.http': capture(`${foreign} ${foreign}`)
  })
  const explained = async (file: string) =>
    await cc(
      'explain',
      'standard-webhooks',
      '--request',
      `${dir}/${file}.http`,
      '--secret-env',
      'WHSEC'
    )
  t.match(await explained('right'), {
    code: 0,
    out: /^matches with \S+, signature 2 of 2$/m
  })
  t.match(await explained('mistaken'), {
    code: 1,
    out: /^does not match; signed with \S+, signature 1 of 2, but:\n- body-only/m
  })
  t.match(await explained('none'), { code: 1, out: /explains one of the 2 signatures$/m })
})

t.test('regression: captures saved by Windows were not read as requests', async t => {
  const text = request('{"name":"홍길동 é"}')
  const utf16 = Buffer.from(text, 'utf16le')
  const dir = t.testdir({
    'marked.http': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
    'le.http': Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
    'be.http': Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]),
    'unmarked-le.http': utf16,
    'unmarked-be.http': Buffer.from(utf16).swap16(),
    'half.http': utf16.subarray(0, -1),
    'broken.http': Buffer.from('G\ud800', 'utf16le'),
    'utf32.http': Buffer.from([0xff, 0xfe, 0, 0, 0x47, 0, 0, 0]),
    'utf32be.http': Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x47]),
    'input.json': Buffer.from(`\ufeff${JSON.stringify({ body: '{}', timestamp })}`),
    key: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${secret}\r\n`, 'utf16le')])
  })
  const verify = async (file: string) =>
    await cc('verify', 'contiple', '--request', `${dir}/${file}.http`, '--secret-env', 'KEY')
  for (
    const [file, encoding] of [
      ['marked', 'UTF-8 with a byte-order mark'],
      ['le', 'UTF-16LE'],
      ['be', 'UTF-16BE'],
      ['unmarked-le', 'UTF-16LE'],
      ['unmarked-be', 'UTF-16BE']
    ] as const
  ) {
    t.strictSame(await verify(file), {
      code: 0,
      out: 'matches with KEY\n',
      err: `note: the request is in ${encoding}; its body is read as UTF-8\n`
    }, file)
  }
  for (
    const [file, err] of [
      ['half', /the request is in UTF-16LE, with half a character in it: save it as UTF-8/],
      ['broken', /UTF-16LE/],
      ['utf32', /the request is in UTF-32: save it as UTF-8/],
      ['utf32be', /UTF-32/]
    ] as const
  ) t.match(await verify(file), { code: 2, out: '', err }, file)
  t.match(
    await cc('sign', 'contiple', '--input', `${dir}/input.json`, '--secret-file', `${dir}/key`),
    {
      code: 0,
      out: `${scheme.sign({ body: '{}', timestamp }, secret)}\n`,
      err: /key is in UTF-16LE: its text in UTF-8 is used as the key\n/
    }
  )
})
