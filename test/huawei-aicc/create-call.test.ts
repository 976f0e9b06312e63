import huaweiAicc, {
  CallRefused,
  createCall,
  type CreateCallOptions,
  type CreateCallRequest
} from 'fastify-contact-center/huawei-aicc'
import { InputError } from 'fastify-contact-center/kit'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import t from 'tap'
import { build } from '../helper.ts'

const accessToken = 'token-that-nobody-may-see'
const call: CreateCallRequest = { caller: '70001', called: '88880067' }

interface Sent {
  url: string
  init: RequestInit
}

/** A client whose vendor replies with this text and status, and the requests it sent. */
function client (text: string, status = 200, options: Partial<CreateCallOptions> = {}) {
  const sent: Sent[] = []
  const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    sent.push({ url: String(url), init })
    return new Response(text, { status })
  }
  return {
    sent,
    call: createCall({
      url: 'https://aicc.example',
      accessToken,
      fetch: fetch as typeof globalThis.fetch,
      ...options
    })
  }
}

const answer = (callSerialNo: string): string =>
  `{"retCode":"0","retMsg":"success","result":{"callSerialNo":${callSerialNo}}}`

t.test('sends the documented request', async t => {
  const { sent, call: create } = client(answer('1'), 200, {
    url: 'https://aicc.example/base//',
    appKey: 'app-1'
  })
  await create({
    ...call,
    callData: 'order 7',
    callBackUrl: 'https://cc.example/aicc/released?x#y&z'
  })
  t.equal(
    sent[0]?.url,
    'https://aicc.example/base/apiaccess/CC-Management/v1/mobileAgent/createCall'
  )
  t.match(sent[0]?.init, {
    method: 'POST',
    redirect: 'error',
    headers: {
      authorization: `Bearer ${accessToken}`,
      'x-app-key': 'app-1',
      'content-type': 'application/json'
    }
  })
  t.strictSame(JSON.parse(String(sent[0]?.init.body)), {
    ...call,
    callData: 'order 7',
    callBackUrl: 'aHR0cHM6Ly9jYy5leGFtcGxlL2FpY2MvcmVsZWFzZWQ/eCN5Jno='
  })

  let turn = 0
  const renewing = client(answer('1'), 200, { accessToken: async () => `token-${++turn}` })
  await renewing.call(call)
  await renewing.call(call)
  t.strictSame(
    renewing.sent.map(({ init }) => (init.headers as Record<string, string>)['authorization']),
    ['Bearer token-1', 'Bearer token-2']
  )
  t.notOk('x-app-key' in (renewing.sent[0]?.init.headers ?? {}))
})

t.test('the serial number keeps its digits', async t => {
  t.strictSame(await client(answer('1197765398201387012')).call(call), {
    callSerialNo: '1197765398201387012'
  })
  t.strictSame(await client(answer('"1197765398201387012"')).call(call), {
    callSerialNo: '1197765398201387012'
  })
  t.strictSame(
    await client(answer('7').replace('"0"', '0')).call(call),
    { callSerialNo: '7' },
    'a numeric retCode'
  )
})

t.test('does not send requests that the vendor would refuse', async t => {
  const refused: Record<string, [object, RegExp]> = {
    'no caller': [{ called: '1' }, /caller must be a string/],
    'an empty number': [{ ...call, called: '' }, /called must have/],
    'a long number': [{ ...call, called: '1'.repeat(33) }, /called must have/],
    'a number as a number': [{ ...call, called: 1 }, /called must be a string/],
    'long data': [{ ...call, callData: 'x'.repeat(1025) }, /callData must have/],
    'data that would make the signed text ambiguous': [
      { ...call, callData: 'x,called=2' },
      /callData contains/
    ],
    'an escape in the callback': [
      { ...call, callBackUrl: 'https://cc.example/%20' },
      /callBackUrl contains/
    ],
    'an equals sign in the callback': [
      { ...call, callBackUrl: 'https://cc.example/?a=b' },
      /callBackUrl contains/
    ],
    'a callback that is no address': [
      { ...call, callBackUrl: 'cc.example' },
      /callBackUrl contains/
    ]
  }
  const { sent, call: create } = client(answer('1'))
  for (const [name, [request, message]] of Object.entries(refused)) {
    const error = await create(request as CreateCallRequest).catch((error: unknown) => error)
    t.type(error, InputError, name)
    t.match(error, { message }, name)
  }
  t.equal(sent.length, 0)
})

t.test("accepts values of the vendor's maximum length", async t => {
  const { sent, call: create } = client(answer('1'))
  for (
    const request of [{ caller: '1', called: '2'.repeat(32) }, {
      ...call,
      callData: 'x'.repeat(1024)
    }, { ...call, callData: '' }]
  ) await create(request)
  t.equal(sent.length, 3)
})

t.test('reports only a time-out as a time-out', async t => {
  const failures: Record<string, Error> = {
    'a fetch that was aborted': new DOMException('aborted', 'AbortError'),
    'an error of that name': Object.assign(new Error('mine'), { name: 'TimeoutError' })
  }
  for (const [name, error] of Object.entries(failures)) {
    await t.rejects(
      client('', 200, {
        fetch: async () => {
          throw error
        }
      }).call(call),
      { code: 'FST_CC_CALL_FAILED' },
      name
    )
  }
})

t.test('does not send a token that is not text', async t => {
  for (const token of [undefined, 7]) {
    const { sent, call: create } = client(answer('1'), 200, { accessToken: () => token as never })
    await t.rejects(
      create(call),
      { code: 'FST_CC_OPTION_INVALID', message: /"accessToken"/ },
      String(token)
    )
    t.equal(sent.length, 0)
  }
})

t.test('every failure has a typed error, which never holds the token', async t => {
  const unreachable = (async () => {
    throw new TypeError('fetch failed')
  }) as typeof globalThis.fetch
  const cases: Record<string, [ReturnType<typeof client>, object]> = {
    'refused by the vendor': [client('{"retCode":"10-001","retMsg":"no such agent"}'), {
      code: 'FST_CC_CALL_REFUSED',
      statusCode: 502,
      retCode: '10-001',
      retMsg: 'no such agent'
    }],
    'refused without a message': [client('{"retCode":"1"}'), {
      code: 'FST_CC_CALL_REFUSED',
      retCode: '1',
      retMsg: ''
    }],
    'refused with a numeric code': [client('{"retCode":7,"retMsg":null}'), {
      code: 'FST_CC_CALL_REFUSED',
      retCode: '7',
      retMsg: ''
    }],
    'regression: a missing retCode was read as a refusal': [client('{}'), {
      code: 'FST_CC_CALL_FAILED',
      cause: { message: /no retCode/ }
    }],
    'a retCode that is null': [client('{"retCode":null}'), {
      code: 'FST_CC_CALL_FAILED',
      cause: { message: /no retCode/ }
    }],
    'an empty retCode': [client('{"retCode":""}'), { code: 'FST_CC_CALL_FAILED' }],
    'an HTTP error': [client(answer('1'), 401), {
      code: 'FST_CC_CALL_FAILED',
      statusCode: 502,
      cause: { message: /HTTP status 401/ }
    }],
    'not JSON': [client('<html>'), {
      code: 'FST_CC_CALL_FAILED',
      cause: { message: /not valid JSON/ }
    }],
    'not an object': [client('[]'), {
      code: 'FST_CC_CALL_FAILED',
      cause: { message: /unexpected shape/ }
    }],
    'no result': [client('{"retCode":"0"}'), {
      code: 'FST_CC_CALL_FAILED',
      cause: { message: /unexpected shape/ }
    }],
    'no serial number': [client(answer('null')), {
      code: 'FST_CC_CALL_FAILED',
      cause: { message: /no callSerialNo/ }
    }],
    'a serial number that has been through a double': [client(answer('1.197765398201387e18')), {
      code: 'FST_CC_CALL_FAILED'
    }],
    'nobody there': [client('', 200, { fetch: unreachable }), {
      code: 'FST_CC_CALL_FAILED',
      cause: { message: 'fetch failed' }
    }]
  }
  for (const [name, [{ call: create }, expected]] of Object.entries(cases)) {
    const error = await create(call).catch((error: unknown) => error)
    t.match(error, expected, name)
    t.notMatch(inspect(error, { depth: 9 }), accessToken, name)
  }
  const { call: create } = client('{"retCode":"1"}')
  t.type(await create(call).catch((error: unknown) => error), CallRefused)
  const broken = await client('', 200, { accessToken: () => accessToken + '\n' }).call(call).catch((
    error: unknown
  ) => error)
  t.match(broken, { code: 'FST_CC_OPTION_INVALID' })
  t.notMatch(inspect(broken), accessToken)
})

t.test('fails if the vendor does not answer', async t => {
  const server = createServer(() => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const create = createCall({ url: `http://127.0.0.1:${port}`, accessToken, timeoutMs: 20 })
  await t.rejects(create(call), { code: 'FST_CC_CALL_TIMED_OUT', statusCode: 504 })
})

t.test('regression: a missing or late access token had no error type and no time limit', async t => {
  const failing: Record<string, () => string | Promise<string>> = {
    'a promise that rejects': async () => {
      throw new Error('the identity service is down')
    },
    'a function that throws': () => {
      throw new Error('the identity service is down')
    }
  }
  for (const [name, fetchToken] of Object.entries(failing)) {
    const { sent, call: create } = client(answer('1'), 200, {
      accessToken: fetchToken,
      timeoutMs: 5
    })
    await t.rejects(create(call), {
      code: 'FST_CC_CALL_FAILED',
      statusCode: 502,
      cause: { message: 'the identity service is down' }
    }, name)
    t.equal(sent.length, 0)
  }
  // Keeps the event loop alive while the test waits for an unreferenced timer.
  const alive = setTimeout(() => {}, 60_000)
  const { sent, call: create } = client(answer('1'), 200, {
    accessToken: () => new Promise(() => {}),
    timeoutMs: 20
  })
  await t.rejects(create(call), { code: 'FST_CC_CALL_TIMED_OUT', statusCode: 504 })
  t.equal(sent.length, 0)
  clearTimeout(alive)
})

t.test('regression: plain http took the access token to any host', async t => {
  for (
    const url of [
      'http://aicc.example',
      'http://10.0.0.1:8080',
      'http://127.0.0.1.example',
      'http://localhost.example',
      'http://1127.0.0.1',
      'http://[::2]'
    ]
  ) {
    t.throws(() => createCall({ url, accessToken }), {
      code: 'FST_CC_OPTION_INVALID',
      message: /"url"/
    }, url)
    if (!url.includes('1127')) {
      t.doesNotThrow(() => createCall({ url, accessToken, allowHttp: true }), url)
    }
  }
  for (
    const url of [
      'http://localhost:8083',
      'http://127.0.0.1:8083',
      'http://127.1.2.3',
      'http://[::1]:8083/base'
    ]
  ) t.doesNotThrow(() => createCall({ url, accessToken }), url)
  const app = await build(
    t,
    app =>
      app.register(huaweiAicc, {
        keys: 'a-key-of-at-least-16',
        url: 'http://aicc.internal',
        accessToken,
        allowHttp: true,
        fetch: async () => new Response(answer('1'))
      })
  )
  t.strictSame(await app.huaweiAicc.createCall(call), { callSerialNo: '1' })
})

t.test('misconfiguration names the option and not the token', t => {
  const invalid: Record<string, [object, RegExp]> = {
    'no url': [{ url: undefined }, /"url"/],
    'a permission that is not a boolean': [{ allowHttp: 1 }, /"allowHttp"/],
    'another protocol': [{ url: 'ftp://aicc.example' }, /"url"/],
    'an address inside another, with http allowed': [{
      url: 'xhttp://aicc.example',
      allowHttp: true
    }, /"url"/],
    'a query': [{ url: 'https://aicc.example/?a' }, /"url"/],
    'a user': [{ url: 'https://user@aicc.example' }, /"url"/],
    'no host': [{ url: 'https://' }, /"url"/],
    'half a host': [{ url: 'https://[' }, /"url"/],
    'an address inside another': [{ url: 'ftp://aicc.example/https://aicc.example' }, /"url"/],
    'an address that is not text': [{ url: new URL('https://aicc.example') }, /"url"/],
    'an empty token': [{ accessToken: '' }, /"accessToken"/],
    'a token with a line break': [{ accessToken: accessToken + '\n' }, /"accessToken"/],
    'an application key with a blank': [{ appKey: 'a b' }, /"appKey"/],
    'no function': [{ fetch: 'fetch' }, /"fetch"/],
    'no time': [{ timeoutMs: 0 }, /"timeoutMs"/],
    'a time that timers take for 1 ms': [{ timeoutMs: 2 ** 31 }, /"timeoutMs" .* 2147483647/]
  }
  for (const [name, [options, message]] of Object.entries(invalid)) {
    const create = (): unknown =>
      createCall({ url: 'https://aicc.example', accessToken, ...options } as CreateCallOptions)
    t.throws(create, { code: 'FST_CC_OPTION_INVALID', message }, name)
    try {
      create()
    } catch (error) {
      t.notMatch(inspect(error), accessToken, name)
    }
  }
  t.end()
})

t.test('the decorator has createCall', async t => {
  const keys = 'a-key-of-at-least-16'
  const without = await build(t, app => app.register(huaweiAicc, { keys }))
  await t.rejects(without.huaweiAicc.createCall(call), {
    code: 'FST_CC_OPTION_INVALID',
    message: /"url" and "accessToken"/
  })

  const requests: Array<Record<string, string>> = []
  const fetch = (async (_url: unknown, init: RequestInit = {}) => {
    requests.push(init.headers as Record<string, string>)
    return new Response(answer('1'))
  }) as typeof globalThis.fetch
  const app = await build(
    t,
    app =>
      app.register(huaweiAicc, {
        keys,
        url: 'https://aicc.example',
        accessToken,
        appKey: 'app-1',
        fetch
      })
  )
  t.strictSame(await app.huaweiAicc.createCall(call), { callSerialNo: '1' })
  t.equal(requests[0]?.['x-app-key'], 'app-1')
  await t.rejects(
    build(
      t,
      app =>
        app.register(huaweiAicc, { keys, url: 'https://aicc.example', accessToken, timeoutMs: 0 })
    ),
    { code: 'FST_CC_OPTION_INVALID', message: /"timeoutMs" must be/ }
  )
  const unconfigured = await build(
    t,
    app => app.register(huaweiAicc, { keys, url: 'http://127.0.0.1:9', accessToken })
  )
  await t.rejects(unconfigured.huaweiAicc.createCall(call), { code: 'FST_CC_CALL_FAILED' })
})

t.test('N17: a failed call reveals neither host nor cause', async t => {
  const closedPort = createServer().listen(0, '127.0.0.1')
  await once(closedPort, 'listening')
  const { port } = closedPort.address() as AddressInfo
  closedPort.close()
  await once(closedPort, 'close')
  const create = createCall({ url: `http://127.0.0.1:${port}`, accessToken })
  const error = await create(call).catch((error: unknown) => error) as Error
  t.match(inspect(error), new RegExp(`ECONNREFUSED[^]*127\\.0\\.0\\.1[^]*${port}`))
  t.notMatch(inspect(error), accessToken)
})
