import { readdirSync, readFileSync } from 'node:fs'
import formbody from '@fastify/formbody'
import fc from 'fast-check'
import { pluginContract, schemeContract } from 'fastify-contact-center/contract'
import { explain } from 'fastify-contact-center/explain'
import { InputError, parseUrl } from 'fastify-contact-center/kit'
import type { InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import oracle from 'twilio/lib/webhooks/webhooks.js'
import twilio, {
  createScheme,
  diagnosis,
  scheme,
  type TwilioInput,
  type TwilioOptions
} from '../../examples/twilio/index.ts'
import { build, startExample, unlessRefused } from '../helper.ts'
import { hash, plugins, schemes } from './twilio-contract.ts'

const secret = 'a-token-of-32-characters-or-more'
const publicUrl = 'https://voice.example.com/hooks'
const runs = Number(process.env['PROPERTY_RUNS'] ?? 5000)
const seed = Number(process.env['PROPERTY_SEED'] ?? Date.now() % 2 ** 30)

t.test('examples/twilio.ts answers Twilio and nobody else', async t => {
  const address = await startExample(t, 'twilio', {
    TWILIO_AUTH_TOKEN: secret,
    PUBLIC_URL: 'https://voice.example.com'
  })
  const ask = async (token: string, params: Record<string, string>) =>
    await fetch(`${address}/voice`, {
      method: 'POST',
      headers: {
        'x-twilio-signature': oracle.getExpectedTwilioSignature(
          token,
          'https://voice.example.com/voice',
          params
        )
      },
      body: new URLSearchParams(params)
    })
  const answer = await ask(secret, { CallSid: 'CA1', From: '+14158675309' })
  t.equal(answer.status, 200)
  t.match(await answer.text(), '<Say>You call from +14158675309</Say>')
  t.equal(
    (await ask('another-token-of-no-use', { CallSid: 'CA1', From: '+14158675309' })).status,
    403
  )
})

t.test('it is built from public exports only', async t => {
  const folder = new URL('../../examples/twilio/', import.meta.url)
  for (const name of readdirSync(folder).filter(name => name.endsWith('.ts'))) {
    for (
      const [, from = ''] of readFileSync(new URL(name, folder), 'utf8').matchAll(/from '([^']+)'/g)
    ) {
      t.match(
        from,
        /^(?:\.\/[a-z]+\.ts|node:[a-z]+|fastify|fastify-plugin|fastify-contact-center\/(?:kit|explain|contract))$/,
        `${name} imports ${from}`
      )
    }
  }
})

for (const [name, contract] of Object.entries(schemes)) {
  t.test(`the contract of schemes: ${name}`, async t => {
    for (const { name, run } of schemeContract(contract)) {
      await t.test(name, async () => await run())
    }
  })
}

for (const [name, contract] of Object.entries(plugins)) {
  t.test(`the contract of plugins: ${name}`, async t => {
    for (const { name, run } of pluginContract(contract)) {
      await t.test(name, async () => await run())
    }
  })
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }).filter(one => one.isWellFormed()),
  fc.constantFrom('', ' ', '+', '%27', "'", '1', '10', '9', '__proto__', 'a', 'A')
)
const params = fc.dictionary(text, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 4 })), {
  maxKeys: 6
})
const urls = fc.record({
  protocol: fc.constantFrom('https', 'http', 'HTTPS'),
  user: fc.constantFrom('', 'user:pass@', 'user@'),
  host: fc.constantFrom('example.com', 'EXAMPLE.com', 'münchen.example', '127.0.0.1', '[::1]'),
  port: fc.constantFrom('', ':80', ':443', ':8443'),
  path: fc.constantFrom('', '/', '/voice', '/a/../b', "/it's here", '/ä', '/a//b/', '/a%2fb'),
  query: fc.oneof(
    fc.constant(''),
    fc.constant('?'),
    fc.array(
      fc.tuple(
        fc.constantFrom('a', "b'", 'ä', 'a b', ''),
        fc.constantFrom('1', "it's", 'a+b', '%20', 'ä', '[]', '~!()*', '')
      ),
      { maxLength: 3 }
    ).map(pairs => '?' + pairs.map(pair => pair.join('=')).join('&'))
  )
}).map(({ protocol, user, host, port, path, query }) =>
  `${protocol}://${user}${host}${port}${path}${query}`
)

const loose = createScheme({ strict: false })

t.test(`signs as the twilio package does, seed ${seed}`, async () => {
  fc.assert(
    fc.property(
      urls,
      params,
      text.filter(one => one !== ''),
      (url, params, secret) =>
        loose.sign({ url, params }, secret) ===
          oracle.getExpectedTwilioSignature(secret, url, params)
    ),
    { numRuns: runs, seed }
  )
})

t.test(`takes what the twilio package takes, and nothing else, seed ${seed}`, async t => {
  let taken = 0
  fc.assert(
    fc.property(
      urls,
      urls,
      fc.nat(7),
      params,
      fc.boolean(),
      (url, other, form, params, changed) => {
        const signature = oracle.getExpectedTwilioSignature(
          secret,
          asSigned(form === 7 ? other : url, form),
          params
        )
        const presented = changed ? { ...params, more: '1' } : params
        const expected = oracle.validateRequest(secret, signature, url, presented)
        if (expected) taken++
        return loose.verify({ url, params: presented }, signature, secret) === expected
      }
    ),
    { numRuns: runs, seed }
  )
  t.ok(taken > runs / 10, `${taken} of ${runs} were taken`)
})

t.test(`strict signing takes no more than the twilio package, and all that is plain, seed ${seed}`, async t => {
  let taken = 0
  fc.assert(
    fc.property(urls, params, fc.nat(2), (url, params, form) => {
      const signature = oracle.getExpectedTwilioSignature(secret, asSigned(url, form), params)
      const plain = /^https?:\/\/[!"$-~]+$/i.test(url) &&
        Object.values(params).every(values =>
          typeof values === 'string' || new Set(values).size === values.length
        )
      const verified = unlessRefused(() => scheme.verify({ url, params }, signature, secret))
      if (verified === true) taken++
      return verified ===
        (plain ? oracle.validateRequest(secret, signature, url, params) : undefined)
    }),
    { numRuns: runs, seed }
  )
  t.ok(taken > runs / 10, `${taken} of ${runs} were taken`)
})

t.test(`bodies: takes what the twilio package takes, and nothing else, seed ${seed}`, async t => {
  let taken = 0
  fc.assert(
    fc.property(
      urls.filter(url => parseUrl(url) !== null),
      text,
      fc.nat(3),
      (base, body, mistake) => {
        const sent = mistake === 1 ? `${body} ` : body
        const url = `${base}${base.includes('?') ? '&' : '?'}${
          mistake === 2 ? 'other' : 'bodySHA256'
        }=${mistake === 3 ? hash(body).toUpperCase() : hash(body)}`
        const signature = oracle.getExpectedTwilioSignature(secret, url, {})
        const expected = oracle.validateRequestWithBody(secret, signature, url, sent)
        if (expected) taken++
        return loose.verify({ url, body: sent }, signature, secret) === expected
      }
    ),
    { numRuns: runs, seed }
  )
  t.ok(taken > runs / 10, `${taken} of ${runs} were taken`)
})

/** The URL as one or another of Twilio's back ends signs it. */
function asSigned (url: string, form: number): string {
  const parsed = parseUrl(url)
  switch (form) {
    case 1:
      return url.replace(/:[0-9]+(?=[/?]|$)/, '')
    case 2:
      return /:[0-9]+(?=[/?]|$)/.test(url)
        ? url
        : url.replace(
          /^(https?):\/\/([^/?]*)/i,
          (_all, protocol: string, authority: string) =>
            `${protocol}://${authority}:${protocol.toLowerCase() === 'https' ? 443 : 80}`
        )
    case 3:
      return parsed?.href ?? url
    case 4:
      return url.replaceAll("'", '%27')
    case 5:
      return url.toLowerCase()
    case 6:
      return `${url}x`
    default:
      return url
  }
}

async function start (t: Test, options: Partial<TwilioOptions> = {}) {
  const app = await build(t, async app => {
    await app.register(formbody)
    await app.register(twilio, { keys: { id: 'main', secret }, publicUrl, ...options })
    app.route({
      method: ['GET', 'POST'],
      url: '/*',
      preValidation: app.twilio.verify,
      handler: async request => ({ body: request.body, covered: request.verification?.covered })
    })
  })
  return { twilio: app.twilio, inject: async (request: InjectOptions) => await app.inject(request) }
}

t.test('behind a proxy it is the public URL that counts, whatever the request says of its host', async t => {
  const { inject, twilio } = await start(t)
  const headers = await twilio.signHeaders({ url: `${publicUrl}/voice?a=1` })
  t.match((await inject({ url: '/voice?a=1', headers })).json(), { covered: ['url'] })
  t.equal(
    (await inject({
      url: '/voice?a=1',
      headers: { ...headers, host: 'elsewhere.example', 'x-forwarded-host': 'elsewhere.example' }
    })).statusCode,
    200
  )
  const theirs = await twilio.signHeaders({ url: 'https://elsewhere.example/voice?a=1' })
  t.equal(
    (await inject({ url: '/voice?a=1', headers: { ...theirs, host: 'elsewhere.example' } }))
      .statusCode,
    403
  )
})

t.test('repeated names arrive as they were signed', async t => {
  const { inject, twilio } = await start(t)
  const params = { 'MessagingBinding.Address': ['+18550000000', '+18330000000'], Source: 'SMS' }
  const payload =
    'MessagingBinding.Address=%2B18550000000&Source=SMS&MessagingBinding.Address=%2B18330000000'
  const headers = {
    ...await twilio.signHeaders({ url: `${publicUrl}/voice`, params }),
    'content-type': 'application/x-www-form-urlencoded'
  }
  t.equal(
    oracle.validateRequest(secret, headers['x-twilio-signature'], `${publicUrl}/voice`, params),
    true
  )
  t.same((await inject({ method: 'POST', url: '/voice', headers, payload })).json(), {
    body: params,
    covered: ['url', 'params']
  })
  t.equal(
    (await inject({ method: 'POST', url: '/voice', headers, payload: `${payload}&Source=SMS` }))
      .statusCode,
    400,
    'Twilio signs a copy only once, so it is refused'
  )
})

t.test('a body that nothing signs is refused, and so is an empty one where another was signed', async t => {
  const { inject, twilio } = await start(t)
  const headers = {
    ...await twilio.signHeaders({ url: `${publicUrl}/voice` }),
    'content-type': 'application/json'
  }
  const unsigned = await inject({ method: 'POST', url: '/voice', headers, payload: '{"a":1}' })
  t.equal(unsigned.statusCode, 403)
  t.equal(unsigned.json().error.code, 'FST_CC_SIGNATURE_MISSING')
  const target = `/voice?bodySHA256=${hash('{}')}`
  const signed = await twilio.signHeaders({ url: publicUrl + target, body: '{}' })
  t.equal(
    (await inject({
      method: 'POST',
      url: target,
      headers: { ...signed, 'content-type': 'application/json' },
      payload: '{}'
    })).statusCode,
    200
  )
  t.equal(
    (await inject({ url: target, headers: signed })).json().error.code,
    'FST_CC_SIGNATURE_INVALID',
    'the library falls back to "{}" here'
  )
  await t.rejects(twilio.signHeaders({ url: publicUrl + target, body: '{"a":1}' }), InputError)
})

t.test('does not start without a usable public URL', async t => {
  for (
    const bad of [
      '',
      'voice.example.com',
      'ftp://voice.example.com',
      'https://voice.example.com/?a=1',
      'https://voice.example.com/#a',
      undefined
    ]
  ) {
    await t.rejects(start(t, { publicUrl: bad as string }), {
      code: 'FST_CC_OPTION_INVALID',
      message: /"publicUrl"/
    }, String(bad))
  }
})

t.test('verifyInput names the key', async t => {
  const { twilio } = await start(t)
  const input: TwilioInput = { url: `${publicUrl}/voice`, params: { a: '1' } }
  t.equal(await twilio.verifyInput(input, scheme.sign(input, secret)), 'main')
  t.equal(await twilio.verifyInput(input, scheme.sign(input, `${secret}x`)), null)
})

t.test('explain names what went wrong', async t => {
  const url = "https://voice.example.com/voice?who=it's"
  const params = { From: '+14158675309', b: ' x ', B: '2', ä: '' }
  const signed = (url: string, from: Record<string, string | string[]> = params) =>
    oracle.getExpectedTwilioSignature(secret, url, from)
  for (
    const [code, signature] of [
      ['url-protocol', signed(url.replace('https', 'http'))],
      ['url-slash', signed(url.replace('?', '/?'))],
      ['url-query', signed('https://voice.example.com/voice')],
      ['url-escaped', signed(url.replaceAll("'", '%27'))],
      ['params-missing', signed(url, {})],
      ['value-trimmed', signed(url, { ...params, b: 'x' })],
      ['params-form', signed(url + new URLSearchParams(params).toString(), {})],
      ['key-blanks', oracle.getExpectedTwilioSignature(`${secret}\n`, url, params)]
    ] as const
  ) {
    t.equal(
      explain(scheme, diagnosis, { url, params }, signature, [{ id: 'main', secret }]).reasons[0]
        ?.code,
      code
    )
  }
  t.equal(
    explain(scheme, diagnosis, { url, params }, signed(url), [{ id: 'main', secret }]).matches,
    true
  )
})
