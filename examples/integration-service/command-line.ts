import { ConfigError } from './config-error.ts'

/** The arguments are not as the usage says. */
export class UsageError extends Error {}

export interface Command {
  readonly usage: string
  readonly run: () => Promise<void>
  /** What to say of an error of this command's own; undefined of others. */
  readonly explain: (error: unknown) => string | undefined
  /** Codes of errors whose message needs the usage beside it. */
  readonly withUsage?: readonly string[]
}

/** Runs a command. What whoever typed it can mend is said without a stack. */
export async function runCommand ({ usage, run, explain, withUsage = [] }: Command): Promise<void> {
  try {
    await run()
  } catch (error) {
    process.exitCode = 1
    console.error(textOf(error))
  }

  function textOf (error: unknown): unknown {
    if (error instanceof UsageError) return usage
    if (error instanceof ConfigError) return error.message
    const { code = '', message } = error as { code?: string, message?: string }
    const isTyped = code.startsWith('ERR_PARSE_ARGS') || code === 'FST_CC_STORE_UNAVAILABLE' ||
      withUsage.includes(code)
    return explain(error) ?? (isTyped ? `${message}\n\n${usage}` : error)
  }
}
