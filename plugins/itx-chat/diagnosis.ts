import {
  type Diagnosis,
  hashDigests,
  type HttpMessage,
  jsonWriters,
  languagePrints,
  missingParts,
  otherOrders,
  parsedObject,
  type Reason,
  valueMistakes
} from '../kit/explain/index.ts'
import { decodeUtf8, InputError, parseWireJson } from '../kit/index.ts'
import { toWire, type WireObject, type WireValue } from '../kit/wire/json.ts'
import { entriesOf, type ItxChatInput, rootFields } from './entries.ts'

/** The input with the whole received session, for clients that hash all of it. */
interface ReceivedInput extends ItxChatInput {
  readonly session?: WireObject
}

/** Known mistakes in code that hashes sessions. */
export function createDiagnosis (): Diagnosis<ItxChatInput> {
  return {
    ...hashDigests('sha1'),
    *variants (input: ReceivedInput, secret) {
      const entries = entriesOf(input, false)
      const join = (list: readonly string[], separator = '-'): string =>
        [secret, ...list].sort().join(separator)
      yield {
        code: 'secret-missing',
        text: 'The list lacks the secret.',
        fix: 'Add the secret to the list before you sort the list.',
        message: entries.toSorted().join('-')
      }
      for (const list of [[...entries.toSorted(), secret], [secret, ...entries.toSorted()]]) {
        yield {
          code: 'secret-unsorted',
          text: 'The client adds the secret after sorting the list.',
          fix: 'Add the secret to the list before you sort the list.',
          message: list.join('-')
        }
      }
      for (
        const { reason, items } of [
          ...otherOrders([secret, ...entries], entry => entry),
          ...otherOrders([...entries, secret], entry => entry)
        ]
      ) yield { ...reason, message: items.join('-') }
      for (const { reason, lists } of otherEntries(input)) {
        for (const list of lists) yield { ...reason, message: join(list) }
      }
      for (const separator of ['', ',', '&', '|']) {
        yield {
          code: 'separator',
          text: 'The entries lack - between them.',
          fix: 'Join the entries with -.',
          message: join(entries, separator)
        }
      }
      for (const text of sessionTexts(input)) {
        for (
          const message of [text, secret + text, text + secret, join([text]), text + '-' + secret]
        ) {
          yield {
            code: 'json-hashed',
            text: 'The client hashes the JSON text instead of its entries.',
            fix:
              'Hash "name:value" for each entry of verifiedData, the root values and the secret.',
            message
          }
        }
      }
    },
    missing: request =>
      missingParts([
        'the body has no field extSystemHash',
        sessionOf(request).get('extSystemHash')
      ]),
    extract (request) {
      const session = sessionOf(request)
      if (typeof session.get('verifiedData') === 'string') {
        throw new InputError('verifiedData must be an object')
      }
      const hash = session.get('extSystemHash')
      return {
        // As received: the scheme refuses values of another type.
        input: {
          ...Object.fromEntries(
            ['verifiedData', ...rootFields].map(name => [name, session.get(name)])
          ),
          session
        } as ItxChatInput,
        signature: typeof hash === 'string' ? hash : ''
      }
    }
  }
}

/** The diagnosis of every scheme of ITX. */
export const diagnosis = createDiagnosis()

interface Entry {
  readonly name: string
  readonly value: WireValue
  readonly text: string
}
interface Alternative {
  readonly reason: Reason
  readonly lists: string[][]
}

const emptyOmitted = {
  code: 'empty-left-out',
  text: 'The client omits null or empty entries of verifiedData.',
  fix: 'Hash an empty entry as "name:", and null as "name:null".'
}
const emptyRoots = {
  code: 'blank-kept',
  text: 'The hash also covers null or empty root values.',
  fix: 'Omit root values that are null or empty.'
}
const numbersRewritten = {
  code: 'numbers-rewritten',
  text: 'The client parses and rewrites numbers: 1.0 becomes 1, or numbers above 2^53 lose digits.',
  fix: 'Hash each number exactly as you send it, or send it as a string.'
}
const reserialised = {
  code: 'body-reserialised',
  text: 'The client does not hash nested values as compact JSON.',
  fix: 'Write nested values as JSON without spaces, and do not escape non-ASCII characters.'
}

function otherEntries (input: ItxChatInput): Alternative[] {
  const verifiedFields = verifiedData(input)
  const entries = Array.from(
    verifiedFields,
    ([name, value]) => ({
      name,
      value,
      text: entriesOf({ verifiedData: new Map([[name, value]]) }, false).join('').slice(
        name.length + 1
      )
    })
  )
  const roots = entriesOf({ ...input, verifiedData: null }, false)
  const withTexts = (
    write: (entry: Entry) => string,
    list = entries
  ): string[] => [...list.map(entry => `${entry.name}:${write(entry)}`), ...roots]
  const ownText = ({ text }: Entry): string => text
  const isNested = ({ value }: Entry): boolean => Array.isArray(value) || value instanceof Map
  const emptyFields = rootFields.filter(name => input[name] === '' || input[name] === null)

  return [
    {
      reason: emptyOmitted,
      lists: [
        ({ text }: Entry) => text !== '',
        ({ value }: Entry) => value !== null,
        ({ text, value }: Entry) => text !== '' && value !== null
      ].map(isKept => withTexts(ownText, entries.filter(isKept)))
    },
    {
      reason: {
        code: 'null-as-empty',
        text: 'The client hashes null as an empty string.',
        fix: 'Hash null as "name:null".'
      },
      lists: [withTexts(({ value, text }) => value === null ? '' : text)]
    },
    ...languagePrints.map(({ language, print }) => ({
      reason: {
        code: 'value-printed',
        text: `The client hashes values as ${language} prints them, not as JSON.`,
        fix: 'Hash null as "name:null", true as "name:true", and nested values as compact JSON.'
      },
      lists: [withTexts(({ value }) => print(value))]
    })),
    {
      reason: emptyRoots,
      lists: [() => '', String].map(
        write => [...withTexts(ownText), ...emptyFields.map(name => write(input[name]))]
      )
    },
    {
      reason: numbersRewritten,
      lists: [[...entriesOf({ verifiedData: parsedObject(verifiedFields) }, false), ...roots]]
    },
    {
      reason: reserialised,
      lists: dropDuplicates(
        jsonWriters.filter(({ differences }) => differences.length <= 2).map(({ write }) =>
          withTexts(entry => isNested(entry) ? write(entry.value) : entry.text)
        )
      )
    },
    ...valueMistakes.map(({ apply, ...reason }) => ({
      reason,
      lists: [
        [...entries.map(({ name, text }) => `${name}:${apply(text)}`), ...roots.map(apply)],
        withTexts(({ text }) => apply(text))
      ]
    })),
    {
      reason: {
        code: 'root-values-missing',
        text: 'The hash does not cover the root values.',
        fix: `Also hash ${rootFields.join(', ')} if you send them.`
      },
      lists: [entriesOf({ verifiedData: verifiedFields }, false)]
    },
    {
      reason: {
        code: 'names-included',
        text: 'The client hashes the root values with their names.',
        fix: 'Hash the root values without their names.'
      },
      lists: [[...entries.map(({ name, text }) => `${name}:${text}`), ...namedRoots(input)]]
    },
    {
      reason: {
        code: 'names-missing',
        text: 'The client hashes the values of verifiedData without their names.',
        fix: 'Hash "name:value" for each entry.'
      },
      lists: [[...entries.map(ownText), ...roots]]
    },
    {
      reason: {
        code: 'name-renamed',
        text: 'The client hashes the name as "userid", as one example of the vendor does.',
        fix: 'Hash the name as "name", as you send it.'
      },
      lists: [[
        ...entries.map(({ name, text }) => `${name === 'name' ? 'userid' : name}:${text}`),
        ...roots
      ]]
    }
  ]
}

function dropDuplicates (lists: string[][]): string[][] {
  return [...new Map(lists.map(list => [list.join('\n'), list])).values()]
}

function sessionOf ({ body }: HttpMessage): WireObject {
  const session = parseWireJson(decodeUtf8(body, 'body'), 'body')
  if (!(session instanceof Map)) throw new InputError('body must be a JSON object')
  return session
}

/** The session and its verified data as JSON, without the hash. */
function sessionTexts (input: ReceivedInput): string[] {
  const session = input.session ?? toWire({ ...input, verifiedData: undefined }) as WireObject
  const sessionWithoutHash = new Map(session)
  sessionWithoutHash.delete('extSystemHash')
  const data = verifiedData(input)
  if (input.session === undefined) sessionWithoutHash.set('verifiedData', data)
  return jsonWriters.filter(({ differences }) => differences.length <= 1).flatMap(({ write }) => [
    write(sessionWithoutHash),
    write(data)
  ])
}

function verifiedData ({ verifiedData: data = null }: ItxChatInput): WireObject {
  if (data instanceof Map) return data as WireObject
  const wire = typeof data === 'string' ? parseWireJson(data, 'verifiedData') : toWire(data)
  return wire instanceof Map ? wire : new Map()
}

function namedRoots (input: ItxChatInput): string[] {
  return rootFields.flatMap(name =>
    entriesOf({ [name]: input[name] }, false).map(text => `${name}:${text}`)
  )
}
