import type { FastifyRequest } from 'fastify'
import {
  SignatureInvalid,
  SignatureMalformed,
  SignatureMissing
} from '../../../plugins/kit/errors.ts'
import { createScheme, scheme } from '../../../plugins/genesys-audiohook/index.ts'
import { readUpgrade } from '../../../plugins/genesys-audiohook/read.ts'
import { readSignatureInput } from '../../../plugins/genesys-audiohook/signature-input.ts'
import { type Item, readDictionary } from '../../strangers/structured-fields.ts'
import type { Target } from '../target.ts'
import { mustHold, mustEqual, mustNotPollute, mustVerify, catchRefusal } from './must.ts'

const list =
  '("@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" "audiohook-correlation-id" "x-api-key")'
const input =
  `sig1=${list};keyid="k";nonce="VGhpc0lzQVVuaXF1ZU5vbmNl";alg="hmac-sha256";created=1;expires=40`
const secret = Buffer.from('a client secret').toString('base64')
const loose = createScheme({ strict: false })
const headers = {
  host: 'audiohook.example.com',
  'audiohook-organization-id': '1',
  'audiohook-session-id': '2',
  'audiohook-correlation-id': '3',
  'x-api-key': 'k'
}

/**
 * AudioHook's upgrades: Signature-Input is refused, or parsed as in RFC 8941 and signed exactly as
 * parsed; no value turns one line into two.
 */
export const upgrades: Target = {
  name: 'upgrades',
  about: [
    'plugins/genesys-audiohook/signature-input.ts',
    'plugins/genesys-audiohook/scheme.ts',
    'plugins/genesys-audiohook/read.ts'
  ],
  tokens: [
    input,
    `\n${input}`,
    '/hook?a=1\n',
    'sig1=("@authority");created=1',
    'a=()',
    '; ',
    ';nonce="',
    ';created=',
    ';expires=007',
    ';alg="none"',
    ';keyid="k"',
    '\\"',
    ', ',
    ' "host"',
    ' "__proto__"',
    '"@method"',
    ';sf',
    '?1',
    ':AAAA:',
    '1.5',
    '\r'
  ],
  check (bytes) {
    const [signatureInput = '', requestTarget = '/hook'] = bytes.toString('latin1').split('\n')
    compareParsers(signatureInput)
    const signed = { requestTarget, authority: headers.host, headers, signatureInput }
    for (const variant of [scheme, loose]) {
      mustVerify(variant, signed, secret)
      const message = catchRefusal(() => String(variant.message(signed, secret)))
      if (message === undefined) continue
      const { components } = readSignatureInput(signatureInput)
      mustHold(
        message.split('\n').length === components.length + 1,
        'one value stands in two lines'
      )
    }
    const upgrade = catchUpgradeRefusal(() =>
      readUpgrade(requestOf(requestTarget, signatureInput), undefined)
    )
    if (upgrade !== undefined) {
      mustHold(upgrade.keyId === headers['x-api-key'], 'another key than that of the header')
      mustHold(/^[0-9]{4,18}$/.test(upgrade.timestamp), 'a time is not digits')
    }
    mustNotPollute()
  }
}

/** Any structured-field parser reads the same values. */
function compareParsers (text: string): void {
  const ownResult = catchRefusal(() => readSignatureInput(text))
  if (ownResult === undefined) return
  // HTTP strips blanks around header values.
  const [member, ...more] = readDictionary(text.trim())
  mustHold(member !== undefined && more.length === 0, 'there is more than one signature')
  const [label, { value, parameters }] = member
  mustHold(label === ownResult.label, 'another label')
  mustEqual((value as readonly Item[]).map(item => item.value), ownResult.components, 'lists')
  mustEqual(Object.fromEntries(parameters), { ...ownResult.parameters }, 'parameters')
  mustEqual(
    readSignatureInput(`x=${ownResult.text}`),
    { ...ownResult, label: 'x' },
    'the text that is signed'
  )
}

function requestOf (originalUrl: string, signatureInput: string): FastifyRequest {
  const label = /^[^=]*/.exec(signatureInput)?.[0] ?? ''
  const allHeaders = {
    ...headers,
    signature: `${label}=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:`,
    'signature-input': signatureInput
  }
  return { raw: { rawHeaders: Object.entries(allHeaders).flat() }, originalUrl } as FastifyRequest
}

function catchUpgradeRefusal<T> (step: () => T): T | undefined {
  try {
    return catchRefusal(step)
  } catch (error) {
    const refusals = [SignatureMissing, SignatureMalformed, SignatureInvalid]
    if (refusals.some(refusal => error instanceof refusal)) return undefined
    throw error
  }
}
