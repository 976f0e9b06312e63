import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto'
import { parseWireJson, type Scheme, WireNumber } from '../../plugins/kit/index.ts'
import { interleavedTimes, nanoseconds, type Work } from '../in-process.ts'
import { earlier, ed25519, later } from '../later-vendors.ts'
import { peers } from '../peers/index.ts'
import { paragraph, type Goal, type Options, type Part, type Section } from '../report.ts'
import { agent, bodyBytes, chatSession, lookup, member, schemes, secret } from '../samples.ts'
import { median, valuesOf, range, ratioOf, ratiosOf } from '../statistics.ts'
import { stepTables } from './steps.ts'

export const verify: Part = { name: 'verify', run }

/** A scheme's verify, and the least that any code must do on the same bytes. */
export interface Pair {
  readonly name: string
  readonly verify: Work
  readonly floor: Work
}

const { contiple, huaweiAicc, itxChat, onlineContact, oracleCsc } = schemes
const now = String(Date.now())

const callback = JSON.stringify({
  callSerialNo: '1234567890123456789',
  serviceNo: '',
  caller: '+82215881001',
  called: '+821012345678',
  talkDuration: '60',
  releaseReason: '0',
  createCallTime: '2026/01/01,12:00:00:000',
  alertingTime: '2026/01/01,12:00:01:000',
  talkingTime: '2026/01/01,12:00:05:000',
  releaseTime: '2026/01/01,12:01:05:000'
})

/** The same with the least code, which refuses no entry that could be read as another. */
const itxByHand: Work = { name: 'itx-chat by hand', run: () => verifyByHand(sessionHash) }
const sessionHash = itxChat.sign(chatSession, secret)

function verifyByHand (signature: string): boolean {
  const { verifiedData, name, email } = chatSession
  const entries = [name, email, secret]
  for (const [name, value] of verifiedData) {
    entries.push(`${name}:${value instanceof WireNumber ? value.text : value}`)
  }
  const expected = hash('sha1', entries.sort().join('-'), 'buffer')
  return timingSafeEqual(Buffer.from(signature, 'hex'), expected)
}

/** Each as its plugin hands the input over. */
export const pairs: readonly Pair[] = [
  pair(contiple, { body: Buffer.from(lookup()), timestamp: now }, 'sha256'),
  pair(huaweiAicc, {
    params: parseWireJson(callback, 'params') as object,
    timestamp: now,
    nonce: '5f0c2b7a9d8e4c31a6b7c8d9e0f1a2b3'
  }, 'sha256'),
  pair(onlineContact, { ...member, time: now }, 'sha256'),
  pair(itxChat, chatSession, null),
  pair(oracleCsc, agent, null)
]

const pairOf = (name: string): Pair => pairs.find(pair => pair.name === name) as Pair

/**
 * `hmac` is the algorithm of a MAC; null for the schemes that hash the secret along, with SHA-1.
 */
function pair<Input> (scheme: Scheme<Input>, input: Input, hmac: 'sha256' | null): Pair {
  const signature = scheme.sign(input, secret)
  const key = scheme.readKey?.(secret)
  const message = Buffer.from(scheme.message(input, secret))
  const digest = hmac === null
    ? () => createHash('sha1').update(message).digest()
    : () => createHmac(hmac, secret).update(message).digest()
  const expected = digest()
  const wrongSignature = signature.startsWith('1')
    ? `2${signature.slice(1)}`
    : `1${signature.slice(1)}`
  if (scheme.verify(input, wrongSignature, secret)) {
    throw new Error(`${scheme.name} accepts a changed signature`)
  }
  return {
    name: scheme.name,
    verify: { name: scheme.name, run: () => scheme.verify(input, signature, secret, key) },
    floor: { name: `floor of ${scheme.name}`, run: () => timingSafeEqual(digest(), expected) }
  }
}

async function run ({ quick }: Options): Promise<Section> {
  const body = lookup()
  const message = Buffer.from(body)
  const mac = createHmac('sha256', secret).update(message).digest()
  const digest = createHash('sha1').update(message).digest()
  const bodyFloor = {
    name: 'createHmac + timingSafeEqual',
    run: () => timingSafeEqual(createHmac('sha256', secret).update(message).digest(), mac)
  }
  const floors: Work[] = [
    bodyFloor,
    {
      name: 'createHash, SHA-1 + timingSafeEqual',
      run: () => timingSafeEqual(createHash('sha1').update(message).digest(), digest)
    },
    {
      name: 'crypto.hash, SHA-1 + timingSafeEqual',
      run: () => timingSafeEqual(hash('sha1', message, 'buffer'), digest)
    }
  ]
  const peerWorks = await Promise.all(
    Object.values(peers).map(async peer => {
      const { headers, path } = peer.sign(body)
      const raw = peer.raw === 'bytes' ? message : body
      await assertRefuses(peer.name, async () =>
        await peer.verify(
          peer.raw === 'bytes'
            ? Buffer.from(body.replace('afternoon', 'afternoom'))
            : body.replace('afternoon', 'afternoom'),
          headers,
          path
        ))
      return {
        peer,
        name: peer.name,
        run: () => peer.verify(raw, headers, path)
      }
    })
  )
  const beside = await interleavedTimes(
    [...pairs.flatMap(({ verify, floor }) => [verify, floor]), itxByHand],
    { blocks: quick ? 60 : 300, calls: 100 }
  )
  const measured = await nanoseconds([
    pairOf(contiple.name).verify,
    ...floors,
    ...peerWorks,
    ...earlier,
    ...[...later, ed25519].flatMap(({ verify, byHand }) => [verify, byHand])
  ], quick ? { rounds: 3, milliseconds: 20 } : { rounds: 9, milliseconds: 60 })
  const ratios = (name: string, floor: string): number[] => ratiosOf(measured, name, floor)
  const toFloor = (name: string, floor: string): string => ratioOf(beside, name, floor).toFixed(2)
  const microBeside = (name: string): string => (median(valuesOf(beside, name)) / 1000).toFixed(2)
  const micro = (name: string): string =>
    range(valuesOf(measured, name).map(value => value / 1000), 2)
  const dearest = earlier.toSorted((a, b) =>
    median(valuesOf(measured, b.name)) - median(valuesOf(measured, a.name))
  )[0] as Work
  return {
    title: '`verify` alone',
    text: [
      paragraph(
        'mitata measures all of these in one process.',
        'Rounds alternate; the figures are medians (lowest to highest).',
        'The first table and the steps are medians of short blocks that take turns.',
        "They include the garbage collector's work, which a median of single calls leaves out.",
        'The floor is `createHmac` or `createHash` and `timingSafeEqual` on the prepared bytes that the scheme signs.',
        'Our code can be faster than this floor.',
        'Its HMAC uses one-shot hashes over prepared pads, which cost half of `createHmac`.',
        `Peers verify a JSON body of ${bodyBytes} bytes.`,
        'The table of routes lists what else a peer does.'
      ),
      paragraph(
        'Ten vendors were added after the first five.',
        `Those with an HMAC are compared with the slowest of the first three, each on a webhook of ${bodyBytes} bytes.`,
        '"By hand" is the least correct code for their requests, with the same one-shot hashes.',
        'A JSON webhook of Twilio or Vonage is hashed as well as signed.'
      ),
      paragraph(
        'The last two tables show the steps of a verification.',
        'Code by hand signs the fields that Fastify has parsed, whose long numbers are rounded.'
      )
    ],
    tables: [
      {
        head: ['scheme, on a message of its own kind', 'µs', 'floor, µs', 'to the floor'],
        rows: [
          ...pairs.map(({ name, floor }) => ({ name, floor: floor.name })),
          { name: itxByHand.name, floor: `floor of ${itxChat.name}` }
        ].map((
          { name, floor }
        ) => [name, microBeside(name), microBeside(floor), toFloor(name, floor)])
      },
      {
        head: [`on the same ${bodyBytes} bytes`, 'µs', 'to createHmac + timingSafeEqual'],
        rows: [...floors, { name: 'contiple' }, ...peerWorks].map((
          { name }
        ) => [name, micro(name), range(ratios(name, bodyFloor.name), 2)])
      },
      {
        head: ['vendors that came later', 'µs', 'by hand, µs', `to ${dearest.name}`, 'to by hand'],
        rows: [
          ...earlier.map(({ name }) => [
            name,
            micro(name),
            '',
            range(ratios(name, dearest.name), 2),
            ''
          ]),
          ...later.map(({ verify: { name }, byHand }) => [
            name,
            micro(name),
            micro(byHand.name),
            range(ratios(name, dearest.name), 2),
            range(ratios(name, byHand.name), 2)
          ]),
          [
            `${ed25519.name}, Ed25519`,
            micro(ed25519.verify.name),
            micro(ed25519.byHand.name),
            '',
            range(ratios(ed25519.verify.name, ed25519.byHand.name), 2)
          ]
        ]
      },
      ...await stepTables(quick)
    ],
    goals: [
      ...pairs.map(({ name, floor }) => {
        const ratio = ratioOf(beside, name, floor.name)
        const most = name === itxChat.name || name === huaweiAicc.name ? 1.3 : 1
        return {
          work: `\`verify\` of ${name} ÷ its floor`,
          goal: `≤ ${most}`,
          measured: ratio.toFixed(2),
          met: Number(ratio.toFixed(2)) <= most,
          bound:
            'The floor gets its bytes ready-made; `verify` checks the values and writes them.' +
            (name === itxChat.name
              ? ` By hand, with a one-shot hash and without the checks, it takes ${
                toFloor(itxByHand.name, floor.name)
              } × as long as the floor.`
              : '')
        }
      }),
      ...laterGoals(measured, dearest.name)
    ]
  }
}

function laterGoals (measured: ReadonlyMap<string, number[]>, dearest: string): Goal[] {
  const goal = (work: string, ratio: number, most: number, byHand?: number): Goal => ({
    work,
    goal: `≤ ${most}`,
    measured: ratio.toFixed(2),
    met: Number(ratio.toFixed(2)) <= most,
    ...byHand !== undefined && {
      bound: `The least code that is right takes ${byHand.toFixed(2)} × as long as ${dearest}.`
    }
  })
  return [
    ...later.map(({ name, verify, byHand }) =>
      goal(
        `\`verify\` of ${name} ÷ ${dearest}`,
        ratioOf(measured, verify.name, dearest),
        1.1,
        ratioOf(measured, byHand.name, dearest)
      )
    ),
    goal(
      '`verify` of telnyx ÷ `crypto.verify` with a ready key',
      ratioOf(measured, ed25519.verify.name, ed25519.byHand.name),
      1.15
    )
  ]
}

async function assertRefuses (name: string, check: () => Promise<boolean>): Promise<void> {
  if (await check().catch(() => false)) throw new Error(`${name} accepts a changed body`)
}
