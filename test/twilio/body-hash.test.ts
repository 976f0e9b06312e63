import { createHash, createHmac } from 'node:crypto'
import { createScheme } from 'fastify-contact-center/twilio'
import t from 'tap'
import twilio from 'twilio'

const secret = 'the-auth-token-of-the-test'
const body = '{"a":1}'
const right = createHash('sha256').update(body).digest('hex')
const other = 'f'.repeat(64)
const base = 'https://example.com/voice'

/** Where strict refuses what Twilio's library accepts, with the reason. */
const urls: ReadonlyArray<readonly [url: string, refused?: RegExp]> = [
  [`${base}?bodySHA256=${right}`],
  [`${base}?bodySHA256=${right.toUpperCase()}`],
  [`${base}?bodySHA256=`],
  [`${base}?body%53HA256=${right}`],
  [`${base}?bodySHA256=%${right.charCodeAt(0).toString(16)}${right.slice(1)}`],
  [`${base}?bodySHA256=${right}+`],
  [`${base}?bodySHA256=${right}&bodySHA256=${other}`, /bodySHA256 is repeated/],
  [`${base}?bodySHA256=${right}&bodySHA256=${right}`, /bodySHA256 is repeated/],
  [`${base}?bodySHA256=${other}&bodySHA256=${right}`, /bodySHA256 is repeated/],
  [`${base}?bodySHA256=${right}#x`, /without a fragment/],
  [`${base}?a=1#bodySHA256=${right}`, /without a fragment/]
]

t.test("the edges of bodySHA256 are those of Twilio's library", t => {
  for (const [url, refused] of urls) {
    const signature = createHmac('sha1', secret).update(url).digest('base64')
    const theirs = twilio.validateRequestWithBody(secret, signature, url, body)
    const verify = (strict: boolean) =>
      createScheme({ strict }).verify({ url, body }, signature, secret)
    t.equal(verify(false), theirs, url)
    if (refused === undefined) t.equal(verify(true), theirs, url)
    else t.throws(() => verify(true), refused, url)
  }
  t.end()
})
