import { createScheme as huawei } from '../../../plugins/huawei-aicc/index.ts'
import { createScheme as itx } from '../../../plugins/itx-chat/index.ts'
import { decodeUtf8 } from '../../../plugins/kit/index.ts'
import { maskClickToCallUrl, readClickToCallUrl } from '../../../plugins/oracle-csc/index.ts'
import { isAllowedReturnUrl } from '../../../plugins/online-contact/index.ts'
import type { Target } from '../target.ts'
import { mustHold, mustNotPollute, mustVerify, catchRefusal } from './must.ts'

const huaweis = [huawei(), huawei({ strict: false }), huawei({ numbers: 'java' })]
const itxs = [itx(), itx({ strict: false })]

/**
 * Huawei's and ITX's texts are built from JSON. They are refused, or their signatures verify and
 * cover every digit of a number.
 */
export const callbacks: Target = {
  name: 'callbacks',
  about: [
    'plugins/huawei-aicc/scheme.ts',
    'plugins/huawei-aicc/params.ts',
    'plugins/huawei-aicc/java-text.ts',
    'plugins/itx-chat/scheme.ts',
    'plugins/itx-chat/entries.ts'
  ],
  tokens: [
    '{"callSerialNo":1197765398201387012,"a":null}',
    '{"x":{"y":[1,null,"z"]}}',
    '1.0',
    '1e400',
    '-0',
    '5e-324',
    '1E3',
    '{"timestamp":"1","nonce":"n","signature":"s"}',
    '"\\ud800"',
    ' ',
    '-name:x',
    '"a-b":',
    '{"email":"x-name:y"}',
    '\u2028',
    ':',
    ',b=2',
    '9007199254740993',
    '123456.789',
    '{"__proto__":1}',
    '1e21',
    '0.0001',
    '9223372036854775808',
    'true'
  ],
  check (bytes) {
    const text = catchRefusal(() => decodeUtf8(bytes, 'it'))
    if (text === undefined) return
    for (const scheme of huaweis) {
      mustVerify(scheme, { params: text, timestamp: '1660095873001', nonce: 'n' })
    }
    for (const scheme of itxs) mustVerify(scheme, { verifiedData: text })
    mustNotPollute()
  }
}

/**
 * URLs: a masked click-to-call URL reveals none of its values, and redirects lead to allowed hosts
 * only.
 */
export const urls: Target = {
  name: 'urls',
  about: ['plugins/oracle-csc/url.ts', 'plugins/online-contact/return-url.ts'],
  tokens: [
    '/agent/main?clickToCallInit=true&username=kim&hash=1f&UserTelephoneNumber=%2B1',
    '?',
    '#',
    '&',
    ';',
    'hash=',
    'h%61sh=',
    'HASH=',
    '%',
    '%zz',
    'https://shop.example/',
    'https://shop.example:8443/a?b#c',
    'https://evil.example/',
    '@',
    '\\',
    '//',
    'http://localhost/',
    'https://shop.example@evil.example/',
    '%2f',
    '\u3002',
    '\u00ad',
    'javascript:',
    '.',
    'callid=',
    'token='
  ],
  check (bytes) {
    const text = bytes.toString()
    const fields = catchRefusal(() => readClickToCallUrl(text))
    const masked = catchRefusal(() => readClickToCallUrl(maskClickToCallUrl(text)))
    if (fields !== undefined) {
      mustHold(masked !== undefined, 'a URL cannot be read once it is masked')
      const isHidden = (name: keyof typeof fields): boolean =>
        fields[name] === '' || masked[name] === undefined || masked[name] === '***'
      for (const name of Object.keys(fields) as Array<keyof typeof fields>) {
        mustHold(name === 'clickToCallInit' || isHidden(name), `${name} is not masked`)
      }
    }
    const isAllowed = isAllowedReturnUrl(text, ['shop.example', 'shop.example:8443'])
    if (isAllowed) {
      mustHold(
        /^https:\/\/shop\.example(:8443)?([/?#]|$)/.test(text) &&
          ['shop.example', 'shop.example:8443'].includes(
            new URL(text, 'https://base.example').host
          ),
        'a visitor is sent elsewhere'
      )
    }
  }
}
