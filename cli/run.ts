import { createRequire } from 'node:module'
import { vendors } from 'fastify-contact-center'
import { timeWindow } from '../plugins/kit/wire/time.ts'
import {
  commonArguments,
  describeArguments,
  type ParsedArguments,
  readPairs,
  readArguments
} from './arguments.ts'
import type { Answer, Command, Task } from './command.ts'
import { explain } from './explain.ts'
import { readInput, refuseUnknownFields } from './read-input.ts'
import { requireKey, readKeys } from './secrets.ts'
import { sign } from './sign.ts'
import { UsageError } from './usage-error.ts'
import { verify } from './verify.ts'
import { loadVendor } from './vendor.ts'

const commands = new Map<string, Command>(Object.entries({ sign, verify, explain }))

export interface Io {
  out(text: string): void
  err(text: string): void
  /** Epoch milliseconds. */
  now(): number
}

/**
 * Runs the command line. Resolves to the exit code: 0 for a signature or a match, 1 for a mismatch,
 * 2 for a command that failed. Never rejects.
 */
export async function run (
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  io: Io
): Promise<0 | 1 | 2> {
  const [name = '', ...rest] = argv
  try {
    if (name === '--version') {
      io.out(`${readVersion()}\n`)
      return 0
    }
    if (name === '--help') {
      io.out(writeOverview())
      return 0
    }
    const command = commands.get(name)
    if (command === undefined) {
      throw new UsageError(
        `${name === '' ? 'a command is missing' : `unknown command ${name}`}; the commands: ${
          [...commands.keys()].join(', ')
        } (see --help)`
      )
    }
    const args = readArguments(rest, [...commonArguments, ...command.accepts])
    if (args.has('help')) {
      io.out(writeHelp(name, command))
      return 0
    }
    const { exitCode, text, json } = runCommand(
      command,
      await readTask(command, args, env, io),
      args
    )
    io.out((args.has('json') ? JSON.stringify(json) : text) + '\n')
    return exitCode
  } catch (error) {
    // A scheme's own errors name the field, never the value.
    io.err(`fastify-contact-center: ${(error as Error).message}\n`)
    return 2
  }
}

/** An input that the scheme refuses is a verdict for commands that give one. */
function runCommand (command: Command, task: Task, args: ParsedArguments): Answer {
  const { scheme, input, keys: [key] } = task
  try {
    if (!args.has('request')) refuseUnknownFields(scheme, input, key.secret)
    return command.run(task)
  } catch (error) {
    // By its code, because a vendor from outside may bring its own copy of the package.
    const { code, message } = error as { code?: unknown, message: string }
    if (code !== 'ERR_CC_INPUT' || command.refuse === undefined) throw error
    return command.refuse(message, task)
  }
}

async function readTask (
  command: Command,
  args: ParsedArguments,
  env: NodeJS.ProcessEnv,
  io: Io
): Promise<Task> {
  const printNote = (text: string): void => {
    io.err(`note: ${text}\n`)
  }
  const [vendor, ...extra] = args.positionals
  // Not quoted: it may be a secret.
  if (extra.length > 0) {
    throw new UsageError(
      'too many arguments: only the vendor has no option before it'
    )
  }
  const loaded = await loadVendor(vendor, readPairs(args, 'option'))
  const { scheme, diagnosis, otherOptions } = loaded
  const keys = requireKey(readKeys(args, env, printNote))
  const { input, signature = '', missing = { others: [] } } = readInput(args, loaded, printNote)
  const received = args.get('signature') ?? signature
  const needsSignature = command.accepts.includes('signature') && received === '' &&
    (missing.signature !== undefined || missing.others.length === 0)
  if (needsSignature || missing.others.length > 0) {
    throw new UsageError(
      [
        ...needsSignature && missing.signature !== undefined ? [missing.signature] : [],
        ...missing.others,
        ...needsSignature
          ? ['a signature is missing: use --signature TEXT, or a request that contains it']
          : []
      ].join('; ')
    )
  }
  return {
    scheme,
    diagnosis,
    input,
    otherOptions,
    signature: received,
    keys,
    otherKeys: readKeys(args, env, printNote, 'other-'),
    time: readTime(args, io)
  }
}

function readTime (args: ParsedArguments, io: Io): Task['time'] {
  return {
    isExplicit: args.has('now'),
    now: readMilliseconds(args, 'now') ?? io.now(),
    window: timeWindow('explain', readMilliseconds(args, 'tolerance') ?? 300_000)
  }
}

function readMilliseconds (args: ParsedArguments, name: 'now' | 'tolerance'): number | undefined {
  const text = args.get(name)
  if (text === undefined) return undefined
  if (!/^[0-9]{1,15}$/.test(text)) throw new UsageError(`--${name} needs milliseconds in digits`)
  return Number(text)
}

function readVersion (): string {
  const require = createRequire(import.meta.url)
  return (require('fastify-contact-center/package.json') as { version: string }).version
}

const exitCodes = `Exit codes
  0  a signature was written, or it matches
  1  it does not match, or the input is refused; explain: or its time is outside the window
  2  the command failed: wrong arguments, an unreadable file, a missing part; sign: or the input is
     refused
`

function writeOverview (): string {
  return `Usage: fastify-contact-center COMMAND VENDOR [options]

Commands
${Array.from(commands, ([name, { summary }]) => `  ${name.padEnd(9)}${summary}`).join('\n')}

Vendors
  ${vendors.join(', ')},
  or the path of a module that exports one: ./my-vendor.js

COMMAND --help lists the options of a command.

${exitCodes}`
}

function writeHelp (name: string, { summary, accepts }: Command): string {
  return `Usage: fastify-contact-center ${name} VENDOR [options]

${name} ${summary}.

Options
${describeArguments([...commonArguments, ...accepts])}

${exitCodes}`
}
