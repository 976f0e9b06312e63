import { WireNumber, type WireValue } from '../kit/wire/json.ts'

/**
 * How numbers are written: `'literal'` as received; `'java'` as a JVM prints the `Long` or `Double`
 * that its JSON library made of them.
 */
export type NumberText = 'literal' | 'java'

/**
 * Prints a JSON value as `String.valueOf` does in a Java map, but without the spaces after commas:
 * the signed text has no spaces anyway.
 * @throws {TypeError} on a value that `parseWireJson` never returns, such as a plain number or
 * object inside a Map
 */
export function javaText (value: WireValue | undefined, numbers: NumberText): string {
  if (typeof value === 'string') return value
  if (value instanceof WireNumber) return numbers === 'java' ? javaNumber(value.text) : value.text
  if (Array.isArray(value)) return `[${value.map(item => javaText(item, numbers)).join(',')}]`
  if (typeof value === 'boolean' || value === null) return String(value)
  if (!(value instanceof Map)) {
    throw new TypeError('a Map of parameters must come from parseWireJson at every level')
  }
  let text = ''
  for (const [name, inner] of value) {
    text += `${text === '' ? '' : ','}${name}=${javaText(inner, numbers)}`
  }
  return `{${text}}`
}

/**
 * The text of a JSON number on the JVM: an integer of 64 bits is a `Long`, anything else a
 * `Double`.
 */
function javaNumber (text: string): string {
  // Longer numbers exceed 64 bits, and BigInt takes a quarter of a second for a million digits.
  if (!/^-?[0-9]{1,19}$/.test(text)) return javaDouble(Number(text))
  const integer = BigInt(text)
  return BigInt.asIntN(64, integer) === integer ? String(integer) : javaDouble(Number(text))
}

/**
 * `Double.toString` as specified since JDK 19: the shortest digits that parse to the same double,
 * at least two of them. For some values, older JDKs print one digit too many or a different last
 * digit.
 * @see https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Double.html
 */
export function javaDouble (value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const magnitude = Math.abs(value)
  if (magnitude === 0) return `${sign}0.0`

  const { digits, exponent } = splitDecimal(magnitude)
  const text = magnitude >= 1e-3 && magnitude < 1e7
    ? printPlain(digits, exponent)
    : `${digits.slice(0, 1)}.${digits.slice(1)}E${exponent}`
  return sign + text
}

/** The digits d₀d₁…, at least two, and the exponent of d₀.d₁… */
function splitDecimal (magnitude: number): { digits: string, exponent: number } {
  const shortest = magnitude.toExponential()
  // JavaScript may stop at one digit where Java prints the nearest two: 5e-324 is 4.9E-324 in Java.
  const [mantissa = '', exponent] = (shortest.includes('.') ? shortest : magnitude.toExponential(1))
    .split('e')
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) }
}

function printPlain (digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits.replace(/0$/, '')}`
  const integerPart = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${integerPart}.${digits.slice(exponent + 1) || '0'}`
}
