import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

interface Argument {
  /** The placeholder of its value; absent for a switch. */
  readonly value?: string
  readonly repeats?: boolean
  readonly help: string
}

/** The arguments of all commands. */
const known = {
  field: { value: 'NAME=VALUE', repeats: true, help: 'a field of the input' },
  input: { value: 'FILE', help: 'the input as a JSON object' },
  request: {
    value: 'FILE',
    help: 'a raw HTTP request with the input and the signature'
  },
  option: { value: 'NAME=VALUE', repeats: true, help: "an option of the vendor's scheme" },
  'secret-env': { value: 'NAME', repeats: true, help: 'an environment variable with a key' },
  'secret-file': {
    value: 'PATH',
    repeats: true,
    help: 'a file with a key; one line break at its end is ignored'
  },
  signature: { value: 'TEXT', help: 'the signature as received, unless the request contains it' },
  'other-secret-env': {
    value: 'NAME',
    repeats: true,
    help: "a variable with a key that is not in use: a previous one, or another account's"
  },
  'other-secret-file': { value: 'PATH', repeats: true, help: 'a file with such a key' },
  now: {
    value: 'MS',
    help: 'when the request arrived, in epoch milliseconds; now by default'
  },
  tolerance: {
    value: 'MS',
    help: 'how many milliseconds the signed time may differ from that; 300000 by default'
  },
  json: { help: 'print JSON' },
  help: { help: 'show this help' }
} as const satisfies Record<string, Argument>

export type ArgumentName = keyof typeof known

/** The arguments that every command accepts. */
export const common: readonly ArgumentName[] = [
  'field',
  'input',
  'request',
  'option',
  'secret-env',
  'secret-file',
  'json',
  'help'
]

export interface Given {
  readonly positionals: readonly string[]
  has(name: ArgumentName): boolean
  all(name: ArgumentName): readonly string[]
  one(name: ArgumentName): string | undefined
}

/**
 * @throws {UsageError} on an unknown argument, one without its value, one given twice, and on a
 * secret on the command line
 */
export function readArguments (argv: readonly string[], taken: readonly ArgumentName[]): Given {
  if (argv.some(argument => /^--(?:other-)?secret(?:=|$)/.test(argument))) {
    throw new UsageError(
      'a secret must not be an argument: other users of the machine can see it, and the shell keeps it in its history. Use --secret-env NAME or --secret-file PATH'
    )
  }
  const { values, positionals } = parse(argv, taken)
  const given = new Map(Object.entries(values))
  const all = (name: ArgumentName): readonly string[] => given.get(name)?.map(String) ?? []
  for (const name of taken) {
    if (all(name).length > 1 && !isRepeated(name)) throw new UsageError(`--${name} is given twice`)
  }
  return { positionals, all, one: name => all(name)[0], has: name => given.has(name) }
}

function parse (
  argv: readonly string[],
  taken: readonly ArgumentName[]
): { values: Record<string, Array<string | boolean> | undefined>, positionals: string[] } {
  const options = Object.fromEntries(
    taken.map(
      name => [name, {
        type: 'value' in known[name] ? 'string' as const : 'boolean' as const,
        multiple: true as const
      }]
    )
  )
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; --help lists the options`)
  }
}

function isRepeated (name: ArgumentName): boolean {
  return 'repeats' in known[name]
}

/**
 * `name=value` pairs by name. @throws {UsageError} on one without `=` or name, or a repeated name
 */
export function readPairs (given: Given, argument: ArgumentName): Map<string, string> {
  const found = new Map<string, string>()
  for (const text of given.all(argument)) {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`--${argument} needs NAME=VALUE`)
    const name = text.slice(0, at)
    if (found.has(name)) throw new UsageError(`--${argument} ${name} is given twice`)
    found.set(name, text.slice(at + 1))
  }
  return found
}

/** One line for each argument, for a help text. */
export function describeArguments (taken: readonly ArgumentName[]): string {
  return taken.map(name => {
    const { help, ...argument } = known[name]
    return `  --${name} ${'value' in argument ? argument.value : ''}`.padEnd(30) + help +
      (isRepeated(name) ? ' (may be repeated)' : '')
  }).join('\n')
}
