import { createScheme, scheme } from '../../../plugins/twilio/index.ts'
import { paramsOf, paramsText } from '../../../plugins/twilio/params.ts'
import { bodyHashes } from '../../../plugins/twilio/scheme.ts'
import { signedUrls } from '../../../plugins/twilio/urls.ts'
import type { Target } from '../target.ts'
import { mustHold, mustEqual, mustNotPollute, mustVerify, catchRefusal } from './must.ts'

const secret = 'a-key-of-at-least-16'
const loose = createScheme({ strict: false })
const hashOfNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * Twilio's URLs and forms: the signed URL is the requested one, with or without its port; every
 * parser reads a form the same; the URL has at most one body hash.
 */
export const addresses: Target = {
  name: 'addresses',
  about: [
    'plugins/twilio/urls.ts',
    'plugins/twilio/params.ts',
    'plugins/twilio/scheme.ts'
  ],
  tokens: [
    'https://voice.example.com/call?a=1\nFrom=%2B4740612345&To=1&To=2',
    'http://example.com:8080/',
    'https://[::1]:443/x',
    'https://user:pass@example.com/',
    `?bodySHA256=${hashOfNothing}`,
    '&bodySHA256=',
    '&%62odySHA256=',
    '&bodysha256=',
    'bodySHA256',
    '\n',
    '&',
    '=',
    '+',
    '%20',
    '%zz',
    '#',
    '@',
    ':',
    ':443',
    '\\',
    '__proto__=1',
    '\u00e9',
    '\ud83d\ude00'
  ],
  check (bytes) {
    const [url = '', form = ''] = bytes.toString().split('\n')
    const address = unlessNoUrl(url)
    // The option `publicUrl` sets the origin; the rest is untrusted.
    for (const origin of ['https://voice.example.com', 'http://[::1]:8080']) {
      for (const signedUrl of signedUrls(`${origin}/${url}`, true)) {
        mustHold(withoutPort(signedUrl) === withoutPort(`${origin}/${url}`), 'another address')
      }
    }
    const hashes = bodyHashes(url)
    mustEqual(hashes, address?.searchParams.getAll('bodySHA256') ?? [], 'hashes of the body')
    const params = catchRefusal(() => paramsOf(form))
    if (params !== undefined) {
      const nodeFields = new URLSearchParams(`&${form}`)
      mustEqual(
        Object.entries(params).map(([name, value]) => [name, [value].flat()]).sort(compareText),
        [...new Set(nodeFields.keys())].map(name => [name, nodeFields.getAll(name)]).sort(
          compareText
        ),
        'another form'
      )
      mustHold(paramsText(params).length <= form.length, 'more is signed than was sent')
    }
    for (const variant of [scheme, loose]) {
      mustVerify(variant, { url })
      // Without a body hash in the URL, a body is not refused but fails to verify.
      const signed = catchRefusal(() => variant.sign({ url, body: bytes }, secret))
      mustHold(
        signed === undefined || variant.verify({ url, body: bytes }, signed, secret),
        'a signed body does not verify'
      )
      if (params !== undefined) mustVerify(variant, { url, params })
    }
    mustNotPollute()
  }
}

function compareText (a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

/** Removes the port, as some of Twilio's products do. */
function withoutPort (text: string): string | undefined {
  const url = unlessNoUrl(text)
  if (url !== null) url.port = ''
  return url?.href
}

function unlessNoUrl (text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
