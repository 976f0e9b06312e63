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
        text: 'The secret is not in the list.',
        fix: 'Put the secret into the list before it is sorted.',
        message: entries.toSorted().join('-')
      }
      for (const list of [[...entries.toSorted(), secret], [secret, ...entries.toSorted()]]) {
        yield {
          code: 'secret-unsorted',
          text: 'The secret was put at the start or end of the sorted list.',
          fix: 'Put the secret into the list before it is sorted.',
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
          text: 'The entries are not joined with -.',
          fix: 'Put one - between the entries.',
          message: join(entries, separator)
        }
      }
      for (const text of sessionTexts(input)) {
        for (
          const message of [text, secret + text, text + secret, join([text]), text + '-' + secret]
        ) {
          yield {
            code: 'json-hashed',
            text: 'The JSON text is hashed, not its entries.',
            fix: 'Hash "name:value" of each entry of verifiedData, the root values and the secret.',
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
  text: 'Null or empty entries of verifiedData were left out.',
  fix: 'Keep them: an empty one as "name:", null as "name:null".'
}
const emptyRoots = {
  code: 'blank-kept',
  text: 'Null or empty root values are hashed too.',
  fix: 'Leave out root values that are null or empty.'
}
const numbersRewritten = {
  code: 'numbers-rewritten',
  text: 'Numbers were parsed and written again: 1.0 became 1, or digits beyond 2^53 were lost.',
  fix: 'Hash each number exactly as you send it, or send such numbers as strings.'
}
const reserialised = {
  code: 'body-reserialised',
  text: 'Nested values were not hashed as compact JSON.',
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
        text: 'Null was hashed as empty text.',
        fix: 'Hash it as "name:null".'
      },
      lists: [withTexts(({ value, text }) => value === null ? '' : text)]
    },
    ...languagePrints.map(({ language, print }) => ({
      reason: {
        code: 'value-printed',
        text: `Values are hashed as ${language} prints them, not as JSON.`,
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
        jsonWriters.filter(({ how }) => how.length <= 2).map(({ write }) =>
          withTexts(entry => isNested(entry) ? write(entry.value) : entry.text)
        )
      )
    },
    ...valueMistakes.map(({ of, ...reason }) => ({
      reason,
      lists: [
        [...entries.map(({ name, text }) => `${name}:${of(text)}`), ...roots.map(of)],
        withTexts(({ text }) => of(text))
      ]
    })),
    {
      reason: {
        code: 'root-values-missing',
        text: 'Only verifiedData is hashed, without the root values.',
        fix: `Hash ${rootFields.join(', ')} too, if you send them.`
      },
      lists: [entriesOf({ verifiedData: verifiedFields }, false)]
    },
    {
      reason: {
        code: 'names-included',
        text: 'Root values are hashed with their names.',
        fix: 'Hash the bare root values.'
      },
      lists: [[...entries.map(({ name, text }) => `${name}:${text}`), ...namedRoots(input)]]
    },
    {
      reason: {
        code: 'names-missing',
        text: 'The values of verifiedData are hashed without their names.',
        fix: 'Hash "name:value" of each entry.'
      },
      lists: [[...entries.map(ownText), ...roots]]
    },
    {
      reason: {
        code: 'name-renamed',
        text: 'The name is hashed as "userid", which the vendor\'s page shows in one place.',
        fix: 'Hash it under the name that is sent: "name".'
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
  return jsonWriters.filter(({ how }) => how.length <= 1).flatMap(({ write }) => [
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
