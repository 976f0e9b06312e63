import {
  type Diagnosis,
  type Digest,
  headerPart,
  hmacSha256Digests,
  missingParts,
  type Variant
} from '../kit/explain/index.ts'
import { hmacSha256 } from '../kit/wire/mac.ts'
import { type PublicAddress, publicAddress } from './address.ts'
import { type GenesysAudiohookInput, requiredComponents, signedLines } from './scheme.ts'
import { readSignatureInput } from './signature-input.ts'

type Line = readonly [name: string, value: string]

const decoding = 'Decode the client secret from base64, and use the bytes.'
const base = 'Sign one line "name": value for each component, without a line break at the end.'

/** Known mistakes in code that signs AudioHook's requests. */
export function createDiagnosis (
  { publicUrl }: { publicUrl?: string | PublicAddress | undefined } = {}
): Diagnosis<GenesysAudiohookInput> {
  const address = typeof publicUrl === 'string' ? publicAddress(publicUrl) : publicUrl
  return {
    spelling: 'base64',
    digest: (message, key) => hmacSha256(keyBytes(key), message),
    otherDigests: [
      {
        code: 'key-not-decoded',
        text: 'The client does not decode the client secret from base64.',
        fix: decoding,
        digest: (message, key) => hmacSha256(key, message)
      },
      ...hmacSha256Digests.otherDigests.map(otherDigest => ({
        ...otherDigest,
        digest: ((message, key) => otherDigest.digest(message, keyBytes(key))) satisfies Digest
      }))
    ],
    timeFormat: 'seconds',
    timestamp ({ signatureInput }) {
      return `${readSignatureInput(signatureInput).parameters.created ?? ''}000`
    },
    *variants (input) {
      const { lines } = signedLines(input)
      yield* otherBases(lines, readSignatureInput(input.signatureInput).label)
      yield* otherTargets(lines, input)
      yield* otherAuthorities(lines, input)
    },
    missing: request =>
      missingParts(
        headerPart(request, 'Signature'),
        ['Signature-Input', 'X-API-KEY'].map(name => headerPart(request, name))
      ),
    extract ({ target, headers }) {
      const [, signature = headers.get('signature') ?? ''] =
        /^[^=]*=:?([^:]*):?$/.exec(headers.get('signature') ?? '') ?? []
      return {
        input: {
          requestTarget: (address?.prefix ?? '') + target,
          authority: address?.authority ?? headers.get('host') ?? '',
          headers: Object.fromEntries(headers),
          signatureInput: headers.get('signature-input') ?? ''
        },
        signature
      }
    }
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

/** The right lines, joined in the wrong way. */
function* otherBases (lines: readonly Line[], label: string): Generator<Variant> {
  const text = textOf(lines)
  yield {
    code: 'line-end',
    text: 'The signed text ends with a line break.',
    fix: base,
    message: text + '\n'
  }
  yield {
    code: 'line-end',
    text: 'The lines end with CRLF instead of LF.',
    fix: base,
    message: text.replaceAll('\n', '\r\n')
  }
  yield {
    code: 'names-unquoted',
    text: 'The component names are not quoted.',
    fix: base,
    message: lines.map(([name, value]) => `${name}: ${value}`).join('\n')
  }
  yield {
    code: 'names-case',
    text: 'The header names have capital letters.',
    fix: 'Write the names in lower case.',
    message: textOf(
      lines.map((
        [name, value]
      ) => [name.replaceAll(/(?<=^|-)[a-z]/g, letter => letter.toUpperCase()), value])
    )
  }
  yield {
    code: 'blank-missing',
    text: 'The colons have no space after them.',
    fix: base,
    message: lines.map(([name, value]) => `"${name}":${value}`).join('\n')
  }
  yield {
    code: 'params-missing',
    text: 'The signed text has no line "@signature-params".',
    fix: 'End the text with a line "@signature-params" that lists the components and parameters.',
    message: textOf(lines.slice(0, -1))
  }
  yield {
    code: 'params-label',
    text: 'The line "@signature-params" includes the label.',
    fix: `Remove ${label}= from that line.`,
    message: textOf(
      lines.map(([name, value]) =>
        name === '@signature-params' ? [name, `${label}=${value}`] : [name, value]
      )
    )
  }
  yield {
    code: 'order',
    text: 'The client signs the components in a different order from Signature-Input.',
    fix: 'Sign the components in the order of Signature-Input.',
    message: textOf([
      ...lines.slice(0, -1).toSorted(([a], [b]) => a < b ? -1 : 1),
      ...lines.slice(-1)
    ])
  }
  const required = requiredComponents.flatMap(name =>
    lines.filter(([lineName]) => lineName === name)
  )
  yield {
    code: 'order',
    text: 'The client signs the components in a different order from Signature-Input.',
    fix: 'Sign the components in the order of Signature-Input.',
    message: textOf([...required, ...lines.slice(-1)])
  }
}

function* otherTargets (
  lines: readonly Line[],
  { requestTarget, authority }: GenesysAudiohookInput
): Generator<Variant> {
  const [path = ''] = requestTarget.split('?')
  const fix = 'Sign the path and the query exactly as you send them.'
  for (
    const [code, text, target] of [
      ['target-query', 'The signature does not cover the query.', path],
      ['target-method', 'The client signs the method before the target.', `get ${requestTarget}`],
      ['target-method', 'The client signs the method before the target.', `GET ${requestTarget}`],
      [
        'target-slash',
        'The signed path has a trailing slash and the received path does not, or the reverse.',
        requestTarget.replace(path, path.endsWith('/') ? path.slice(0, -1) : `${path}/`)
      ],
      [
        'target-url',
        'The client signs the whole URL as the target.',
        `wss://${authority}${requestTarget}`
      ],
      [
        'target-url',
        'The client signs the whole URL as the target.',
        `https://${authority}${requestTarget}`
      ]
    ] as const
  ) {
    yield { code, text, fix, message: textOf(replaceLine(lines, '@request-target', target)) }
  }
}

function* otherAuthorities (
  lines: readonly Line[],
  { authority, headers }: GenesysAudiohookInput
): Generator<Variant> {
  const host = authority.replace(/:[0-9]+$/, '')
  const calledAuthority = typeof headers === 'object' ? headers['host'] ?? authority : authority
  for (
    const [code, text, otherAuthority] of [
      [
        'authority-host',
        'The client signs the Host header, which differs from publicUrl.',
        calledAuthority
      ],
      ['authority-port', 'The signature does not cover the port.', host],
      ['authority-port', 'The client signs the port 443.', `${host}:443`],
      ['authority-case', 'The client signs the host in lower case.', authority.toLowerCase()]
    ] as const
  ) {
    yield {
      code,
      text,
      fix: 'Sign the host of the called URL, and set publicUrl if a proxy changes the host.',
      message: textOf(replaceLine(lines, '@authority', otherAuthority))
    }
  }
}

function replaceLine (lines: readonly Line[], name: string, value: string): Line[] {
  return lines.map(line => line[0] === name ? [name, value] : line)
}

function textOf (lines: readonly Line[]): string {
  return lines.map(([name, value]) => `"${name}": ${value}`).join('\n')
}

function keyBytes (key: string | Uint8Array): Uint8Array {
  return typeof key === 'string' ? Buffer.from(key, 'base64') : key
}
