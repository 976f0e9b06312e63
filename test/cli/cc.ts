import { run } from '../../cli/run.ts'
import { now } from '../helper.ts'

export const secret = 'a-key-of-at-least-16'
const env = {
  KEY: secret,
  OLD_KEY: 'the-key-of-last-month',
  WHSEC: `whsec_${Buffer.from(secret).toString('base64')}`,
  BLANK: ' \n',
  EMPTY: ''
}

export interface Printed {
  code: number
  out: string
  err: string
}

/** Runs a command line, a second after the time of the vectors. */
export async function cc (...argv: string[]): Promise<Printed> {
  const printed = { out: '', err: '' }
  const code = await run(argv, env, {
    out: text => {
      printed.out += text
    },
    err: text => {
      printed.err += text
    },
    now: () => now + 1000
  })
  return { code, ...printed }
}
