import zoom from 'fastify-contact-center/zoom'
import { hexMistakes, hmacStranger } from '../hmac-stranger.ts'
import { load } from '../packages.ts'
import { hmac, secret } from '../parts.ts'

const { AwsLambdaReceiver } = load('@zoom/rivet/phone') as {
  AwsLambdaReceiver: new(options: { webhooksSecretToken: string }) => {
    start(): (event: object, context: object) => Promise<{ statusCode: number }>
  }
}
const rivet = new AwsLambdaReceiver({ webhooksSecretToken: secret }).start()

/** Suppresses the console: Rivet logs every event. */
async function runQuietly<T> (work: () => Promise<T>): Promise<T> {
  const { debug, error } = console
  console.debug = console.error = () => {}
  try {
    return await work()
  } finally {
    Object.assign(console, { debug, error })
  }
}

const noTime = 'the package looks at no time; captured requests verify for ever there'
const timeText = 'the package reads the time as a number; the text that is sent is what is signed'

export const zoomStranger = hmacStranger({
  vendor: 'zoom',
  packages: '@zoom/rivet',
  decorator: 'zoom',
  register: async (app, now) => {
    await app.register(zoom, { keys: secret, now })
  },
  header: 'x-zm-signature',
  timeHeader: 'x-zm-request-timestamp',
  sign: (signed, key, time) =>
    `v0=${
      hmac(Buffer.concat([Buffer.from(`v0:${time}:`), Buffer.from(signed)]), key).toString('hex')
    }`,
  readTime: time => String(Number(time)),
  mistakes: hexMistakes,
  accepts: async ({ headers, body }) =>
    await runQuietly(async () =>
      (await rivet({ headers, body: body.toString(), isBase64Encoded: false }, {})).statusCode ===
        200
    ),
  stricter: {
    stale: noTime,
    future: noTime,
    'time in milliseconds': noTime,
    'time with zeros': timeText,
    'time with a fraction': timeText,
    'time with a sign': timeText,
    'time with a blank': timeText,
    'time in exponents': timeText,
    'time with letters': timeText,
    'no time': timeText,
    'written otherwise after signing':
      'the package writes the body anew before it signs, so changes of it pass'
  },
  faults: {
    'genuine, written otherwise':
      'the package writes the body anew before it signs: it refuses bytes that JavaScript would not write'
  }
})
