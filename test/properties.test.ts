import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import Fastify, { type FastifyInstance } from 'fastify'
import huaweiAicc, { createScheme as huaweiScheme } from 'fastify-contact-center/huawei-aicc'
import itxChat, {
  createScheme as itxScheme,
  type ItxChatInput
} from 'fastify-contact-center/itx-chat'
import { asParsed } from 'fastify-contact-center/explain'
import { parseWireJson, WireNumber, type Scheme } from 'fastify-contact-center/kit'
import type { WireObject } from '../plugins/kit/wire/json.ts'
import { isBlank } from 'fastify-contact-center/online-contact'
import t from 'tap'
import { unlessRefused } from './helper.ts'
import { type JavaVendor, javaVendors as vendors } from '../qa/java/inputs.ts'
import { random } from '../qa/java/random.ts'

// For more runs: PROPERTY_RUNS=100000 npm test -- test/properties.test.ts
const wanted = process.env['PROPERTY_RUNS']
const seed = Number(process.env['PROPERTY_SEED'] ?? Date.now() % 2 ** 30)
const bounds = <T>(runs: number): fc.Parameters<T> =>
  wanted === undefined
    ? { seed, numRuns: runs, interruptAfterTimeLimit: 500 }
    : { seed, numRuns: Number(wanted) }

type Fields = Record<string, unknown>

for (const vendor of vendors) {
  t.test(`${vendor}: a signed input verifies, and no input with a flipped bit, seed ${seed}`, {
    timeout: 900_000
  }, async () => {
    const { createScheme } = await import(`fastify-contact-center/${vendor}`) as {
      createScheme: (options: object) => Scheme<Fields>
    }

    fc.assert(
      fc.property(
        random[vendor],
        fc.boolean(),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        ({ input, options, secret }, strict, part, at, bit) => {
          // Oracle may not hash the end of its text. Strict signing refuses such input.
          const scheme = createScheme({ ...options, strict: strict || vendor === 'oracle-csc' })
          const signed = textual(input as Fields)
          const signature = unlessRefused(() => scheme.sign(signed, secret))
          if (signature === undefined) return refusesToVerify(scheme, signed, secret)
          if (!scheme.verify(signed, signature, secret)) return false

          const spelling = flip(signature, at, bit)
          if (
            scheme.verify(signed, spelling, secret) &&
            !(vendor === 'oracle-csc' && spelling.toLowerCase() === signature.toLowerCase())
          ) {
            return false
          }

          const texts = coveredTexts(vendor, signed, options as Fields)
          const [name, value] = texts[part % texts.length] ?? []
          if (name === undefined || value === undefined) return true
          const changed = name === 'body' ? flipBytes(value, at, bit) : flip(value, at, bit)
          if (sameMeaning(vendor, name, value, changed)) return true
          return unlessRefused(() =>
            scheme.verify({ ...signed, [name]: changed }, signature, secret)
          ) !== true
        }
      ),
      bounds(4000)
    )
  })
}

/** JSON and times as their wire text. */
function textual (input: Fields): Fields {
  return Object.fromEntries(
    Object.entries(input).map((
      [name, value]
    ) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)])
  )
}

/** The signed, non-empty parts of the input. */
function coveredTexts (
  vendor: JavaVendor,
  input: Fields,
  options: Fields
): Array<[name: string, text: string]> {
  return Object.entries(input as Record<string, string>).filter(([name, text]) =>
    text !== '' &&
    !(vendor === 'contiple' && name === 'uri' && options['signedContent'] !== 'uri+body')
  )
}

/** Flips one bit of one UTF-16 code unit. */
function flip (text: string, at: number, bit: number): string {
  const index = at % text.length
  return text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ 1 << bit % 16) +
    text.slice(index + 1)
}

function flipBytes (text: string, at: number, bit: number): Uint8Array {
  const bytes = Buffer.from(text)
  const index = at % bytes.length
  bytes[index] = Number(bytes[index]) ^ 1 << bit % 8
  return bytes
}

/** Whether a declared limit or the syntax of JSON allows the change. */
function sameMeaning (
  vendor: JavaVendor,
  name: string,
  original: string,
  flipped: string | Uint8Array
): boolean {
  if (typeof flipped !== 'string') return false
  if (vendor === 'online-contact') {
    return isBlank(original) && isBlank(flipped) && !['service', 'usercode', 'time'].includes(name)
  }
  if (name !== 'params' && name !== 'verifiedData') return false
  const [before, after] = [original, flipped].map(text => unlessMalformed(text))
  return isDeepStrictEqual(before, after)
}

/** The parsed fields without Huawei's signature. */
function unlessMalformed (text: string): unknown {
  try {
    const { timestamp, nonce, signature, ...rest } = JSON.parse(text) as Fields
    return rest
  } catch {
    return Symbol('malformed')
  }
}

function refusesToVerify (scheme: Scheme<Fields>, input: Fields, secret: string): boolean {
  return unlessRefused(() => scheme.verify(input, '', secret)) === undefined
}

/** The JSON text of an object, with repeated names, `__proto__` and all kinds of numbers. */
const objectText = random['huawei-aicc'].map(({ input }) =>
  (input as { params: object | string }).params
).map(params => typeof params === 'string' ? params : JSON.stringify(params))
const serialNumber = fc.bigInt(-(10n ** 19n), 10n ** 19n)

t.test('the lossless parser reads what JSON.parse reads', { timeout: 900_000 }, async () => {
  fc.assert(
    fc.property(
      objectText,
      text => isDeepStrictEqual(asParsed(parseWireJson(text, 'it')), JSON.parse(text))
    ),
    bounds(4000)
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        objectText.chain(text =>
          fc.tuple(fc.nat(), fc.nat()).map(([at, bit]) => flip(text, at, bit))
        )
      ),
      text => {
        const lossless = unlessRefused(() => parseWireJson(text, 'it'))
        let parsed: unknown
        try {
          parsed = JSON.parse(text)
        } catch {
          return lossless === undefined
        }
        return lossless !== undefined && isDeepStrictEqual(asParsed(lossless), parsed)
      }
    ),
    bounds(4000)
  )
})

const keys = 'a-key-of-at-least-16'
const tolerant = { onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' } as const

/** Returns the value that the handler received. A JSON reply would change it. */
async function seenBy (
  app: FastifyInstance,
  seen: unknown[],
  body: string
): Promise<{ status: number, seen: unknown }> {
  seen.length = 0
  const { statusCode } = await app.inject({
    method: 'POST',
    url: '/',
    headers: { 'content-type': 'application/json' },
    payload: body
  })
  // Takes the last value, because an earlier run may still end after its time limit.
  return { status: statusCode, seen: seen.at(-1) }
}

t.test(
  'huawei-aicc: the handler receives the signed data, as JSON.parse reads it',
  { timeout: 900_000 },
  async t => {
    const seen: unknown[] = []
    const app = Fastify(tolerant)
    t.after(() => app.close())
    await app.register(huaweiAicc, { keys, strict: false, replay: false })
    app.post('/', { preValidation: app.huaweiAicc.verify }, async request => {
      seen.push(request.body)
    })
    const scheme = huaweiScheme({ strict: false })
    const sendSigned = async (params: string) => {
      const signed = { timestamp: String(Date.now()), nonce: 'n' }
      const parts = JSON.stringify({
        ...signed,
        signature: scheme.sign({ params, ...signed }, keys)
      })
      const comma = Object.keys(JSON.parse(params) as object).length === 0 ? '' : ','
      return await seenBy(
        app,
        seen,
        params.slice(0, params.lastIndexOf('}')) + comma + parts.slice(1)
      )
    }

    await fc.assert(
      fc.asyncProperty(objectText, async text => {
        const { status, seen } = await sendSigned(text)
        const { timestamp, nonce, signature, ...body } = seen as Fields
        const wire = new Map(parseWireJson(text, 'it') as WireObject)
        for (const name of ['timestamp', 'nonce', 'signature']) wire.delete(name)
        return status === 200 && Object.getPrototypeOf(seen) === Object.prototype &&
          isDeepStrictEqual(Object.keys(body).sort(), [...wire.keys()].sort()) &&
          Object.entries(body).every(([name, value]) => {
            const sent = wire.get(name)
            // The handler gets a number that no double represents as text.
            return isDeepStrictEqual(value, asParsed(sent ?? null)) ||
              (sent instanceof WireNumber && value === sent.text)
          })
      }),
      bounds(400)
    )

    await fc.assert(
      fc.asyncProperty(serialNumber, async callSerialNo => {
        const { seen } = await sendSigned(`{"callSerialNo":${callSerialNo}}`)
        return String((seen as { callSerialNo: string | number }).callSerialNo) ===
          String(callSerialNo)
      }),
      bounds(200)
    )
  }
)

t.test(
  'itx-chat: the handler receives the signed data, as JSON.parse reads it',
  { timeout: 900_000 },
  async t => {
    const seen: unknown[] = []
    const app = Fastify(tolerant)
    t.after(() => app.close())
    await app.register(itxChat, { keys, strict: false })
    app.post('/', { preValidation: app.itxChat.verify }, async request => {
      seen.push([request.body, app.itxChat.verified(request)])
    })
    const scheme = itxScheme({ strict: false })
    const sendSigned = async (verifiedData: string) => {
      const extSystemHash = scheme.sign({ verifiedData }, keys)
      const { status, seen: received } = await seenBy(
        app,
        seen,
        `{"verifiedData":{"lost":1},"extSystemHash":"${extSystemHash}","verifiedData":${verifiedData}}`
      )
      const [body, verified] = received as [{ verifiedData: object }, ItxChatInput]
      return { status, data: body.verifiedData, verified: verified.verifiedData as WireObject }
    }

    await fc.assert(
      fc.asyncProperty(objectText, async text => {
        const { status, data, verified } = await sendSigned(text)
        return status === 200 && Object.getPrototypeOf(data) === Object.prototype &&
          isDeepStrictEqual(data, JSON.parse(text)) && isDeepStrictEqual(asParsed(verified), data)
      }),
      bounds(400)
    )

    await fc.assert(
      fc.asyncProperty(serialNumber, async id => {
        const { verified } = await sendSigned(`{"id":${id}}`)
        const number = verified.get('id')
        return number instanceof WireNumber && number.text === String(id)
      }),
      bounds(200)
    )
  }
)
