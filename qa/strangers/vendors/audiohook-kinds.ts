import { pick, type Random, respellBase64, randomInteger } from '../random.ts'

/** The configured API keys. */
export const apiKeys = ['key-of-the-comparison', 'second-key']

/** The components that every signature must cover. */
export const required = [
  '@request-target',
  '@authority',
  'audiohook-organization-id',
  'audiohook-session-id',
  'audiohook-correlation-id',
  'x-api-key'
]

/** The parts of an upgrade to sign. Parameters are the text of Signature-Input. */
export interface Parts {
  readonly label: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly components: readonly string[]
  readonly parameters: Readonly<Record<string, string>>
}

type Change = (parts: Parts, random: Random, seconds: number) => Partial<Parts>

const withParameters =
  (change: (random: Random, seconds: number) => Record<string, string>) =>
  ({ parameters }: Parts, random: Random, seconds: number): Partial<Parts> => ({
    parameters: { ...parameters, ...change(random, seconds) }
  })
const omitParameter = (name: string): Change => ({ parameters }) => ({
  parameters: Object.fromEntries(
    Object.entries(parameters).filter(([parameterName]) => parameterName !== name)
  )
})
const shuffled = <T>(items: readonly T[], random: Random): T[] =>
  items.map(item => [random(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item)

/** Correctly signed requests that Genesys would not send. */
export const signedOtherwise: Readonly<Record<string, Change>> = {
  'components in another order': ({ components }, random) => ({
    components: shuffled(components, random)
  }),
  'parameters in another order': ({ parameters }, random) => ({
    parameters: Object.fromEntries(shuffled(Object.entries(parameters), random))
  }),
  'a further header': ({ components }, random) => ({
    components: [...components, pick(random, ['user-agent', 'host'])]
  }),
  'another label': (_parts, random) => ({ label: pick(random, ['sig-2', '*', 'a.b_c']) }),
  'a label with capitals': () => ({ label: 'siG1' }),
  'letters beyond ASCII': ({ headers }) => ({
    target: '/hook',
    headers: { ...headers, 'audiohook-correlation-id': 'Åse' }
  }),
  'a component left out': ({ components }, random) => ({
    components: components.filter(name => name !== pick(random, required))
  }),
  'a header that is not there': ({ components }) => ({ components: [...components, 'x-other'] }),
  'a header without a value': ({ headers }) => ({
    headers: { ...headers, 'audiohook-correlation-id': '' }
  }),
  'a component twice': ({ components }) => ({ components: [...components, 'x-api-key'] }),
  'a derived component twice': ({ components }) => ({ components: [...components, '@authority'] }),
  'another derived component': ({ components }, random) => ({
    components: [...components, pick(random, ['@method', '@path', '@signature-params', '@x'])]
  }),
  'a component in capitals': ({ components }) => ({
    components: components.map(name => name === 'x-api-key' ? 'X-API-KEY' : name)
  }),
  'a long nonce': withParameters(() => ({ nonce: `"${'n'.repeat(2000)}"` })),
  'a short nonce': withParameters((random) => ({
    nonce: `"${'n'.repeat(randomInteger(random, 0, 21))}"`
  })),
  'a nonce with escapes': withParameters(() => ({ nonce: '"twenty-two \\" characters \\\\"' })),
  'a nonce that is a number': withParameters(() => ({ nonce: '1234567890' })),
  'another algorithm': withParameters(random => ({
    alg: pick(random, ['"hmac-sha512"', '"HMAC-SHA256"', '"none"', '""', 'hmac-sha256'])
  })),
  'another key id': withParameters(random => ({
    keyid: pick(random, ['"second-key-2"', '""', '"KEY-OF-THE-COMPARISON"', 'second-key'])
  })),
  'another parameter': withParameters(random => ({
    [pick(random, ['tag', 'x-more'])]: pick(random, ['"1"', '1'])
  })),
  'no algorithm': omitParameter('alg'),
  'no key id': omitParameter('keyid'),
  'no nonce': omitParameter('nonce'),
  'no time': omitParameter('created'),
  'no expiry': omitParameter('expires'),
  'time 0': withParameters(() => ({ created: '0' })),
  'expiry 0': withParameters(() => ({ expires: '0' })),
  'time as text': withParameters((_random, seconds) => ({ created: `"${seconds}"` })),
  'time below 0': withParameters(() => ({ created: '-1' })),
  stale: withParameters((random, seconds) => ({
    created: String(seconds - randomInteger(random, 8, 100_000))
  })),
  future: withParameters((random, seconds) => ({
    created: String(seconds + randomInteger(random, 5, 100_000))
  })),
  'around the past edge': withParameters((random, seconds) => ({
    created: String(seconds - randomInteger(random, 6, 8))
  })),
  'around the future edge': withParameters((random, seconds) => ({
    created: String(seconds + randomInteger(random, 2, 5))
  })),
  expired: withParameters((random, seconds) => ({
    expires: String(seconds - randomInteger(random, 0, 1000))
  })),
  'around the expiry': withParameters((random, seconds) => ({
    expires: String(seconds + randomInteger(random, 2, 5))
  }))
}

type Headers = Readonly<Record<string, string | readonly string[]>>
interface Sent {
  readonly target: string
  readonly headers: Headers
}

const named = (
  name: string,
  change: (text: string, random: Random) => string | readonly string[]
) =>
({ headers }: Sent, random: Random): Partial<Sent> => ({
  headers: { ...headers, [name]: change(String(headers[name]), random) }
})
const dropped = (...names: string[]) => ({ headers }: Sent): Partial<Sent> => ({
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
})
const base64 = /(?<=:).*(?=:)/

/** Changes after signing. */
export const doneAfterwards: Readonly<
  Record<string, (sent: Sent, random: Random) => Partial<Sent>>
> = {
  'blanks in the input': named('signature-input', (text, random) =>
    pick(random, [
      text.replaceAll('" "', '"  "'),
      text.replace('(', '( ').replace(')', ' )'),
      text.replaceAll(';', '; ')
    ])),
  'blanks that none may write': named('signature-input', (text, random) =>
    pick(random, [
      text.replaceAll(';', ' ;'),
      text.replaceAll('=', ' ='),
      text.replaceAll('" "', '"\t"'),
      text.replaceAll('" "', '""')
    ])),
  'time with zeros': named('signature-input', text => text.replace('created=', 'created=0')),
  'time with a fraction': named(
    'signature-input',
    (text, random) => text.replace(/created=[0-9]+/, pick(random, ['$&.0', '$&.', '$&.000']))
  ),
  'time with half a second': named(
    'signature-input',
    text => text.replace(/created=[0-9]+/, '$&.5')
  ),
  'a parameter twice': named('signature-input', (text, random) =>
    pick(random, [
      text.replace(/;nonce=/, ';nonce="another-one-of-22-letters"$&'),
      text.replace(/;created=/, ';created=1$&')
    ])),
  'a parameter twice, otherwise the second time': named(
    'signature-input',
    text => `${text};nonce="another-one-of-22-letters"`
  ),
  'a parameter of a component': named(
    'signature-input',
    (text, random) => text.replace('"x-api-key"', pick(random, ['$&;sf', '$&;key="a"', '$&;req']))
  ),
  'a further signature behind': changeBoth((input, signature) => [
    [`${input}, sig2=("@authority");created=1`, `${signature}, sig2=:AAAA:`],
    [[input, 'sig2=("@authority");created=1'], [signature, 'sig2=:AAAA:']]
  ]),
  'a further signature before': changeBoth((input, signature) => [
    [`sig2=("@authority");created=1, ${input}`, `sig2=:AAAA:, ${signature}`]
  ]),
  'the signature twice': changeBoth((input, signature) => [
    [input, [signature, signature]],
    [input, `${signature}, ${signature}`],
    [input, `${signature}, sig2=:AAAA:`]
  ]),
  'the input twice': changeBoth((input, signature) => [
    [[input, input], signature],
    [`${input}, ${input}`, signature]
  ]),
  'base64 respelled': named(
    'signature',
    (text, random) => text.replace(base64, mac => respellBase64(random, mac))
  ),
  'a parameter of the signature': named('signature', text => `${text};x=1`),
  'the signature as text': named('signature', text => text.replace(/:(.*):/, '"$1"')),
  'a comma at the end': changeBoth((input, signature) => [[`${input},`, signature], [
    input,
    `${signature},`
  ]]),
  'another label in front': named('signature', text => `x${text}`),
  'signature changed': named(
    'signature',
    text => text.replace(base64, mac => (mac.startsWith('A') ? 'B' : 'A') + mac.slice(1))
  ),
  'signature cut': named('signature', text => text.replace(base64, mac => mac.slice(0, -4))),
  'signature longer': named('signature', text => text.replace(base64, mac => `AAAA${mac}`)),
  'no signature': dropped('signature'),
  'no input': dropped('signature-input'),
  'neither of them': dropped('signature', 'signature-input'),
  'no API key': dropped('x-api-key'),
  'API key changed': named('x-api-key', text => `${text}!`),
  'another known API key': named(
    'x-api-key',
    text => apiKeys.find(id => id !== text) ?? ''
  ),
  'API key twice': named('x-api-key', text => [text, text]),
  'session changed': named('audiohook-session-id', text => `${text}0`),
  'session dropped': dropped('audiohook-session-id'),
  'organization changed': named('audiohook-organization-id', text => `${text}0`),
  'correlation changed': named('audiohook-correlation-id', text => `${text}0`),
  'host changed': named('host', text => `other.${text}`),
  'host in capitals': named('host', text => text.toUpperCase()),
  'another target': ({ target }) => ({ target: `${target}${target.includes('?') ? '&' : '?'}z=1` }),
  'time changed': named(
    'signature-input',
    text =>
      text.replace(/created=([0-9]+)/, (_all, created: string) => `created=${Number(created) + 1}`)
  ),
  'expiry changed': named(
    'signature-input',
    text =>
      text.replace(/expires=([0-9]+)/, (_all, expires: string) => `expires=${Number(expires) + 1}`)
  ),
  'nonce changed': named('signature-input', text => text.replace('nonce="', 'nonce="A')),
  'a component taken away': named('signature-input', text => text.replace(' "x-api-key"', '')),
  'rubbish as input': named(
    'signature-input',
    (_text, random) =>
      pick(random, ['sig1', 'sig1=1', 'sig1=()', 'sig1=("@authority")', '=', '()', '"', 'sig1=("'])
  )
}

type HeaderPair = readonly [
  input: string | readonly string[],
  signature: string | readonly string[]
]

function changeBoth (change: (input: string, signature: string) => readonly HeaderPair[]) {
  return ({ headers }: Sent, random: Random): Partial<Sent> => {
    const [input, signature] = pick(
      random,
      change(String(headers['signature-input']), String(headers['signature']))
    )
    return { headers: { ...headers, 'signature-input': input, signature } }
  }
}

/** Signers' mistakes: another text is signed, or another key is used. */
export const signedWrong: Readonly<
  Record<string, (text: string, key: Buffer) => [string, Buffer]>
> = {
  'other key': text => [text, Buffer.from('of somebody else')],
  'key not decoded': (text, key) => [text, Buffer.from(key.toString('base64'))],
  'a line end behind': (text, key) => [`${text}\n`, key],
  'carriage returns': (text, key) => [text.replaceAll('\n', '\r\n'), key],
  'without its parameters': (text, key) => [text.replace(/\n"@signature-params.*/, ''), key]
}
