import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Item, type Parameters, readDictionary, type Value } from '../structured-fields.ts'

/** The verifier's input for an upgrade request, with headers as Node's servers provide them. */
export interface Upgrade {
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  /** Epoch seconds, with a fraction. */
  readonly now: number
}

const skew = 3
const mostAge = 10
const leastNonce = 22
const mustBeSigned = [
  '@request-target',
  '@authority',
  'audiohook-organization-id',
  'audiohook-session-id',
  'audiohook-correlation-id',
  'x-api-key'
]

/**
 * Whether Genesys's reference implementation accepts an upgrade. This reimplements the algorithm of
 * purecloudlabs/audiohook-reference-implementation in `authenticator.ts`, `signature-verifier.ts`
 * and `structured-fields.ts`, which is not published as a package.
 * @throws if a header is not a structured field, which counts as a refusal
 */
export function takesUpgrade (
  { target, headers, now }: Upgrade,
  secrets: ReadonlyMap<string, Buffer>
): boolean {
  const apiKey = headers['x-api-key'] ?? ''
  const inputs = readDictionary(headers['signature-input'] ?? '')
  const signatures = readDictionary(headers['signature'] ?? '')
  // Visits every member; the first one decides.
  for (const [label, { value, parameters }] of inputs) {
    if (!Buffer.isBuffer(signatures.get(label)?.value)) return false
    if (!isList(value) || value.some(item => typeof item.value !== 'string')) return false
    if (!areParameters(parameters)) return false
  }
  const [first] = inputs
  if (first === undefined || apiKey === '') return false
  const [label, { value: components, parameters }] = first
  if (!isInTime(parameters, now)) return false

  const lines: string[] = []
  for (const { value: name, parameters: ofComponent } of components as readonly Item[]) {
    const value = componentValue(String(name), target, headers)
    const isRepeated = String(name).startsWith('@') &&
      lines.some(line => line.startsWith(`${JSON.stringify(name)}: `))
    if (value === '' || ofComponent.size > 0 || isRepeated) return false
    lines.push(`${write(name as string)}: ${value}`)
  }
  const signed = new Set((components as readonly Item[]).map(({ value }) => value))
  if (mustBeSigned.some(name => !signed.has(name))) return false
  // Serialized from the parsed values, as a strict signer would.
  lines.push(
    `"@signature-params": (${
      (components as readonly Item[]).map(({ value }) => write(value as string)).join(' ')
    })${Array.from(parameters, ([name, value]) => `;${name}=${write(value)}`).join('')}`
  )

  const nonce = parameters.get('nonce')
  const secret = secrets.get(apiKey)
  return typeof nonce === 'string' && nonce.length >= leastNonce &&
    parameters.get('keyid') === apiKey && secret !== undefined &&
    (parameters.get('alg') ?? 'hmac-sha256') === 'hmac-sha256' &&
    timingSafeEqual(
      signatures.get(label)?.value as Buffer,
      createHmac('sha256', secret).update(lines.join('\n')).digest()
    )
}

function areParameters (parameters: Parameters): boolean {
  return Array.from(parameters).every(([name, value]) =>
    name === 'created' || name === 'expires'
      ? Number.isInteger(value) && Number(value) >= 0
      : ['alg', 'keyid', 'nonce'].includes(name) && typeof value === 'string'
  )
}

function isInTime (parameters: Parameters, now: number): boolean {
  const [created, expires] = ['created', 'expires'].map(name => Number(parameters.get(name) ?? 0))
  if (!created || created > now + skew || created + mostAge < now + skew) return false
  return !expires || expires >= now + skew
}

function componentValue (
  name: string,
  target: string,
  headers: Readonly<Record<string, string>>
): string {
  if (name === '@request-target') return target
  if (name === '@authority') return (headers['host'] ?? '').trim()
  return name.startsWith('@') || name === 'signature' ? '' : (headers[name] ?? '').trim()
}

function isList (value: Item['value']): value is readonly Item[] {
  return Array.isArray(value)
}

function write (value: Value | readonly Item[]): string {
  if (typeof value === 'number') return String(value)
  return `"${String(value).replaceAll(/["\\]/g, '\\$&')}"`
}
