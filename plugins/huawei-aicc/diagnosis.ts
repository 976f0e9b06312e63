import {
  asParsed,
  type Diagnosis,
  hmacSha256Digests,
  languagePrints,
  missingParts,
  type MissingParts,
  type HttpMessage,
  otherOrders,
  otherTimes,
  parsedObject,
  type Part,
  type Reason,
  valueMistakes
} from '../kit/explain/index.ts'
import { decodeUtf8, InputError, parseForm, WireNumber } from '../kit/index.ts'
import type { WireObject, WireValue } from '../kit/wire/json.ts'
import { javaText, type NumberText } from './java-text.ts'
import { namesOf, signatureNames, wireParams } from './params.ts'
import type { HuaweiAiccInput, HuaweiAiccSchemeOptions } from './scheme.ts'

/** Known mistakes in code that signs callbacks. */
export function createDiagnosis (
  { numbers = 'literal' }: Pick<HuaweiAiccSchemeOptions, 'numbers'> = {}
): Diagnosis<HuaweiAiccInput> {
  return {
    ...hmacSha256Digests,
    timestamp: ({ timestamp }) => String(timestamp),
    *variants ({ params, timestamp, nonce }, secret) {
      const allParams = wireParams(params)
      const wire = new Map(Array.from(allParams).filter(([name]) => !signatureNames.has(name)))
      const time = String(timestamp)
      const text = writePairs(pairsOf(wire, value => javaText(value, numbers)))
      for (const { reason, texts } of otherParams(wire, { timestamp: time, nonce }, numbers)) {
        for (const paramsText of texts) {
          yield { ...reason, message: [secret, time, nonce, paramsText].join('_') }
        }
      }
      yield* otherTimes(time, otherTime => [secret, otherTime, nonce, text].join('_'))
      const sentJson = typeof params === 'string' ? [params] : []
      for (
        const paramsJson of [
          ...sentJson,
          JSON.stringify(parsedObject(allParams)),
          JSON.stringify(parsedObject(wire))
        ]
      ) {
        yield {
          code: 'json-signed',
          text: 'The client signs the parameters as JSON.',
          fix: 'Sign name=value for each parameter, with commas between them.',
          message: [secret, time, nonce, paramsJson].join('_')
        }
      }
      yield {
        code: 'secret-missing',
        text: 'The signed text lacks the secret.',
        fix: 'Begin the text with the secret, and also use it as the key.',
        message: [time, nonce, text].join('_')
      }
      yield {
        code: 'time-missing',
        text: 'The signature does not cover the time.',
        fix: 'Sign the secret, the time, the nonce and the parameters.',
        message: [secret, nonce, text].join('_')
      }
      yield {
        code: 'nonce-missing',
        text: 'The signature does not cover the nonce.',
        fix: 'Sign the secret, the time, the nonce and the parameters.',
        message: [secret, time, text].join('_')
      }
      for (
        const parts of [[secret, nonce, time, text], [secret, text, time, nonce], [
          text,
          secret,
          time,
          nonce
        ], [time, nonce, text, secret]]
      ) {
        yield {
          code: 'order',
          text: 'The client signs the parts in the wrong order.',
          fix: 'Sign the secret, the time, the nonce and the parameters, in this order.',
          message: parts.join('_')
        }
      }
      yield { ...separator, message: [secret, time, nonce, text].join('') }
      yield { ...separator, message: [secret, time, nonce, text].join('&') }
    },
    missing: findMissing,
    extract: readInput
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

type Pairs = Array<readonly [name: string, text: string]>

const separator = {
  code: 'separator',
  text: 'The parts lack _ between them, or the parameters lack commas.',
  fix: 'Join the parts with _, and the parameters with commas.'
}
const emptyOmitted = {
  code: 'empty-left-out',
  text: 'The client omits null or empty parameters.',
  fix: 'Sign an empty parameter as "name=", and null as "name=null".'
}

function otherParams (
  wire: WireObject,
  { timestamp, nonce }: { timestamp: string, nonce: string },
  numbers: NumberText
): Array<{ reason: Reason, texts: string[] }> {
  const writeValue = (value: WireValue): string => javaText(value, numbers)
  const pairs = pairsOf(wire, writeValue)
  const sentPairs = pairsOf(wire, writeValue, Array.from(wire.keys()))
  const withFields = (fields: object): string => {
    const all = new Map([...wire, ...Object.entries(fields)])
    return writePairs(pairsOf(all, writeValue, Array.from(all.keys()).sort()))
  }
  const isEmpty = ([, text]: Pairs[number]): boolean => text === ''
  const isNull = ([name]: Pairs[number]): boolean => wire.get(name) === null

  return [
    {
      reason: {
        code: 'spaces-kept',
        text: 'The client does not remove spaces.',
        fix: 'Remove every space (U+0020) from the parameters, including those inside values.'
      },
      texts: [
        joinPairs(pairsOf(wire, value => printWithSpaces(value, writeValue))),
        joinPairs(pairs)
      ]
    },
    ...valueMistakes.map(({ apply, ...reason }) => ({
      reason,
      texts: [writePairs(pairs.map(([name, text]) => [name, apply(text)]))]
    })),
    {
      reason: {
        code: 'whitespace-removed',
        text: 'The client removes all white space.',
        fix: 'Remove only spaces (U+0020), and keep tabs and line breaks.'
      },
      texts: [joinPairs(pairs).replaceAll(/\s/g, '')]
    },
    ...otherOrders(sentPairs, ([name]) => name).map(({ reason, items }) => ({
      reason,
      texts: [writePairs(items)]
    })),
    {
      reason: {
        code: 'signature-fields-included',
        text: 'The signed parameters include the time, the nonce or the signature.',
        fix: 'Remove timestamp, nonce and signature before you join the parameters.'
      },
      texts: [
        { timestamp, nonce },
        { timestamp },
        { nonce },
        { signature: null },
        { signature: '' },
        { timestamp, nonce, signature: null },
        { timestamp, nonce, signature: '' }
      ].map(withFields)
    },
    {
      reason: emptyOmitted,
      texts: [
        pairs.filter(pair => !isEmpty(pair) && !isNull(pair)),
        pairs.filter(pair => !isNull(pair)),
        pairs.filter(pair => !isEmpty(pair))
      ].map(list => writePairs(list))
    },
    {
      reason: {
        code: 'null-as-empty',
        text: 'The client signs null as an empty string.',
        fix: 'Sign null as "name=null".'
      },
      texts: [writePairs(pairs.map(pair => isNull(pair) ? [pair[0], ''] : pair))]
    },
    {
      reason: {
        code: 'numbers-rewritten',
        text:
          'The client parses and rewrites numbers: 1.0 becomes 1, or numbers above 2^53 lose digits.',
        fix: 'Sign each number exactly as you send it, or send it as a string.'
      },
      texts: [writePairs(pairsOf(wireParams(parsedObject(wire)), writeValue))]
    },
    numbers === 'literal'
      ? {
        reason: {
          code: 'numbers-java',
          text: 'The client signs numbers as Java prints them.',
          fix: "Register the plugin with numbers: 'java'."
        },
        texts: [writePairs(pairsOf(wire, value => javaText(value, 'java')))]
      }
      : {
        reason: {
          code: 'numbers-literal',
          text: 'The client signs numbers as it sends them.',
          fix: "Register the plugin with numbers: 'literal'."
        },
        texts: [writePairs(pairsOf(wire, value => javaText(value, 'literal')))]
      },
    {
      reason: {
        code: 'body-reserialised',
        text: 'The client signs nested values as JSON.',
        fix: 'Write an object as {name=value,…} and a list as [value,…], without quotes.'
      },
      texts: [
        writePairs(pairsOf(wire, value =>
          Array.isArray(value) || value instanceof Map
            ? JSON.stringify(asParsed(value))
            : writeValue(value)))
      ]
    },
    ...languagePrints.map(({ language, print }) => ({
      reason: {
        code: 'value-printed',
        text: `The client signs values as ${language} prints them, not as the vendor does.`,
        fix: 'Sign null as "null", true as "true", {name=value,…} and [value,…], without quotes.'
      },
      texts: [writePairs(pairsOf(wire, print)), joinPairs(pairsOf(wire, print))]
    })),
    {
      reason: {
        code: 'names-missing',
        text: 'The client signs the values without their names.',
        fix: 'Sign name=value for each parameter.'
      },
      texts: [pairs.map(([, text]) => text).join(',').replaceAll(' ', '')]
    },
    { reason: separator, texts: [writePairs(pairs, '&'), writePairs(pairs, '')] }
  ]
}

function pairsOf (
  wire: WireObject,
  write: (value: WireValue) => string,
  names = namesOf(wire).signed
): Pairs {
  return names.map(name => [name, write(wire.get(name) ?? null)])
}

function writePairs (pairs: Pairs, separator = ','): string {
  return joinPairs(pairs, separator).replaceAll(' ', '')
}

function joinPairs (pairs: Pairs, separator = ','): string {
  return pairs.map(([name, text]) => `${name}=${text}`).join(separator)
}

/** As Java prints collections, with the spaces after commas. */
function printWithSpaces (value: WireValue, write: (value: WireValue) => string): string {
  if (Array.isArray(value)) return `[${value.map(item => printWithSpaces(item, write)).join(', ')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, inner]) => `${name}=${printWithSpaces(inner, write)}`).join(', ')
    }}`
  }
  return write(value)
}

/** The parameters, whatever the media type. */
function readParams ({ body }: HttpMessage): {
  text: string,
  isJson: boolean,
  wire: WireObject,
  getText: (name: string) => string
} {
  const text = decodeUtf8(body, 'body')
  const isJson = text.trimStart().startsWith('{')
  const wire: WireObject = isJson ? wireParams(text) : parseForm(text, 'body')
  const getText = (name: string): string => {
    const value = wire.get(name)
    return value instanceof WireNumber ? value.text : typeof value === 'string' ? value : ''
  }
  return { text, isJson, wire, getText }
}

function findMissing (request: HttpMessage): MissingParts {
  const { getText } = readParams(request)
  const bodyPart = (name: string): Part => [`the body has no parameter ${name}`, getText(name)]
  return missingParts(bodyPart('signature'), [bodyPart('timestamp'), bodyPart('nonce')])
}

function readInput (request: HttpMessage): { input: HuaweiAiccInput, signature: string } {
  const { text, isJson, wire, getText } = readParams(request)
  if (getText('nonce') === '' || getText('timestamp') === '') {
    throw new InputError('timestamp or nonce is missing')
  }
  return {
    input: {
      params: isJson ? text : wire,
      timestamp: getText('timestamp'),
      nonce: getText('nonce')
    },
    signature: getText('signature')
  }
}
