import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

interface Argument {
  /** The placeholder of its value; absent for a switch. */
  readonly value?: string
  readonly repeats?: boolean
  readonly help: string
}

/** The arguments of all commands. */
const definitions = {
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
    help: "the request's arrival in epoch milliseconds; default: now"
  },
  tolerance: {
    value: 'MS',
    help: 'the accepted difference from that time in milliseconds; default: 300000'
  },
  json: { help: 'print JSON' },
  help: { help: 'show this help' }
} as const satisfies Record<string, Argument>

export type ArgumentName = keyof typeof definitions

/** The arguments that every command accepts. */
export const commonArguments: readonly ArgumentName[] = [
  'field',
  'input',
  'request',
  'option',
  'secret-env',
  'secret-file',
  'json',
  'help'
]

export interface ParsedArguments {
  readonly positionals: readonly string[]
  has(name: ArgumentName): boolean
  getAll(name: ArgumentName): readonly string[]
  get(name: ArgumentName): string | undefined
}

/**
 * @throws {UsageError} on an unknown argument, one without its value, one given twice, and on a
 * secret on the command line
 */
export function readArguments (
  argv: readonly string[],
  accepted: readonly ArgumentName[]
): ParsedArguments {
  if (argv.some(argument => /^--(?:other-)?secret(?:=|$)/.test(argument))) {
    throw new UsageError(
      'a secret must not be an argument: other users of the machine can see it, and the shell keeps it in its history. Use --secret-env NAME or --secret-file PATH'
    )
  }
  const { values, positionals } = parse(argv, accepted)
  const parsed = new Map(Object.entries(values))
  const getAll = (name: ArgumentName): readonly string[] => parsed.get(name)?.map(String) ?? []
  for (const name of accepted) {
    if (getAll(name).length > 1 && !isRepeated(name)) {
      throw new UsageError(`--${name} is repeated`)
    }
  }
  return { positionals, getAll, get: name => getAll(name)[0], has: name => parsed.has(name) }
}

function parse (
  argv: readonly string[],
  accepted: readonly ArgumentName[]
): { values: Record<string, Array<string | boolean> | undefined>, positionals: string[] } {
  const options = Object.fromEntries(
    accepted.map(
      name => [name, {
        type: 'value' in definitions[name] ? 'string' as const : 'boolean' as const,
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
  return 'repeats' in definitions[name]
}

/**
 * `name=value` pairs by name. @throws {UsageError} on one without `=` or name, or a repeated name
 */
export function readPairs (args: ParsedArguments, argument: ArgumentName): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const text of args.getAll(argument)) {
    const equals = text.indexOf('=')
    if (equals < 1) throw new UsageError(`--${argument} needs NAME=VALUE`)
    const name = text.slice(0, equals)
    if (pairs.has(name)) throw new UsageError(`--${argument} ${name} is repeated`)
    pairs.set(name, text.slice(equals + 1))
  }
  return pairs
}

/** One line for each argument, for a help text. */
export function describeArguments (accepted: readonly ArgumentName[]): string {
  return accepted.map(name => {
    const { help, ...argument } = definitions[name]
    return `  --${name} ${'value' in argument ? argument.value : ''}`.padEnd(30) + help +
      (isRepeated(name) ? ' (may be repeated)' : '')
  }).join('\n')
}
