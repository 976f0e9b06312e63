import Fastify, { type FastifyRequest } from 'fastify'
import { parse } from 'lossless-json'
import { parseWireJson, WireNumber, type WireObject } from '../../plugins/kit/wire/json.ts'
import { nanoseconds } from '../in-process.ts'
import { paragraph, type Options, type Part, type Section } from '../report.ts'
import { huaweiRequest } from '../samples.ts'
import { median, valuesOf, range } from '../statistics.ts'

export const json: Part = { name: 'json', run }

const serial = '1234567890123456789'

/** The kit's parser and the engine's on the same text. */
export function jsonWorks () {
  const text = huaweiRequest({ callSerialNo: serial }).body ?? ''
  return {
    text,
    plain: { name: 'JSON.parse', run: () => typeof JSON.parse(text) === 'object' },
    wire: {
      name: 'parseWireJson of the kit',
      run: () => parseWireJson(text, 'body') instanceof Map
    }
  }
}

async function run ({ quick }: Options): Promise<Section> {
  const { text, plain, wire: kitParser } = jsonWorks()
  const fastifyParser = Fastify().getDefaultJsonParser('error', 'error')
  const works = [
    plain,
    {
      name: "Fastify's own, with its guards",
      run: () => {
        let body: unknown
        fastifyParser({} as FastifyRequest, text, (_, value) => {
          body = value
        })
        return typeof body === 'object'
      }
    },
    kitParser,
    {
      name: 'parseWireJson, and an object of it for the handler',
      run: () => typeof objectOf(parseWireJson(text, 'body') as WireObject) === 'object'
    },
    { name: 'lossless-json', run: () => typeof parse(text) === 'object' }
  ]
  const wire = parseWireJson(text, 'body')
  const serialNumber = wire instanceof Map ? wire.get('callSerialNo') : undefined
  if (!(serialNumber instanceof WireNumber) || serialNumber.text !== serial) {
    throw new Error('the kit lost digits')
  }
  const times = await nanoseconds(
    works,
    quick ? { rounds: 3, milliseconds: 20 } : { rounds: 9, milliseconds: 60 }
  )
  const ratios = (name: string): number[] =>
    valuesOf(times, name).map((value, round) =>
      value / (valuesOf(times, 'JSON.parse')[round] ?? NaN)
    )
  const ratio = median(ratios('parseWireJson of the kit'))
  const micro = (name: string): number => median(valuesOf(times, name)) / 1000
  const savedMicroseconds = micro("Fastify's own, with its guards") +
    micro('parseWireJson of the kit') -
    micro('parseWireJson, and an object of it for the handler')
  return {
    title: 'JSON that loses nothing',
    text: [
      paragraph(
        'A callback of 600 bytes with the number 1234567890123456789, which `JSON.parse` rounds.',
        'The figures are medians (lowest to highest) of alternating rounds.'
      ),
      "Handlers get the object of Fastify's parser; a verifier that signs single fields parses the same bytes losslessly."
    ],
    tables: [{
      head: ['parser', 'µs', 'to JSON.parse', 'keeps 19 digits'],
      rows: works.map((
        { name }
      ) => [
        name,
        range(valuesOf(times, name).map(value => value / 1000), 2),
        range(ratios(name), 2),
        name === 'JSON.parse' || name.startsWith('Fastify') || name.includes('handler')
          ? 'no'
          : 'yes'
      ])
    }],
    after: [
      paragraph(
        `One parse for both would save ${savedMicroseconds.toFixed(1)} µs of a callback.`,
        'Fastify chooses its parser by scope, not by route.',
        'So all routes of the scope would get our parser.'
      )
    ],
    goals: [{
      work: 'lossless JSON, 19-digit number in the body, to JSON.parse on the same text',
      goal: '≤ 1.6 ×',
      measured: `${ratio.toFixed(2)} ×`,
      met: ratio <= 1.6,
      bound: '`JSON.parse` is part of the engine; ours is JavaScript, as `lossless-json` is.'
    }]
  }
}

/** As a handler would have to be given it: no field may become a prototype. */
function objectOf (fields: WireObject): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [name, value] of fields) {
    if (name === '__proto__' || name === 'constructor') throw new SyntaxError('poisoned')
    object[name] = value instanceof WireNumber
      ? Number(value.text)
      : value instanceof Map
      ? objectOf(value)
      : value
  }
  return object
}
