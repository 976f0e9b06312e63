import { createHash, createHmac } from 'node:crypto'
import { createScheme } from 'fastify-contact-center/twilio'
import t from 'tap'
import twilio from 'twilio'

const secret = 'the-auth-token-of-the-test'
const body = '{"a":1}'
const hash = createHash('sha256').update(body).digest('hex')
const otherHash = 'f'.repeat(64)
const base = 'https://example.com/voice'

/** URLs, with the reason if strict verification refuses them. */
const urls: ReadonlyArray<readonly [url: string, refused?: RegExp]> = [
  [`${base}?bodySHA256=${hash}`],
  [`${base}?bodySHA256=${hash.toUpperCase()}`],
  [`${base}?bodySHA256=`],
  [`${base}?body%53HA256=${hash}`],
  [`${base}?bodySHA256=%${hash.charCodeAt(0).toString(16)}${hash.slice(1)}`],
  [`${base}?bodySHA256=${hash}+`],
  [`${base}?bodySHA256=${hash}&bodySHA256=${otherHash}`, /bodySHA256 is repeated/],
  [`${base}?bodySHA256=${hash}&bodySHA256=${hash}`, /bodySHA256 is repeated/],
  [`${base}?bodySHA256=${otherHash}&bodySHA256=${hash}`, /bodySHA256 is repeated/],
  [`${base}?bodySHA256=${hash}#x`, /without a fragment/],
  [`${base}?a=1#bodySHA256=${hash}`, /without a fragment/]
]

t.test("reads bodySHA256 like Twilio's library, at every edge", t => {
  for (const [url, refusal] of urls) {
    const signature = createHmac('sha1', secret).update(url).digest('base64')
    const expected = twilio.validateRequestWithBody(secret, signature, url, body)
    const verify = (strict: boolean) =>
      createScheme({ strict }).verify({ url, body }, signature, secret)
    t.equal(verify(false), expected, url)
    if (refusal === undefined) t.equal(verify(true), expected, url)
    else t.throws(() => verify(true), refusal, url)
  }
  t.end()
})
