import { ConfigError } from './config-error.ts'

/** The arguments do not match the usage. */
export class UsageError extends Error {}

export interface Command {
  readonly usage: string
  readonly run: () => Promise<void>
  /** The message for an error of this command's own; undefined for others. */
  readonly explain: (error: unknown) => string | undefined
  /** Codes of errors that are shown with the usage. */
  readonly withUsage?: readonly string[]
}

/** Runs a command. Errors that the user can fix are shown without a stack. */
export async function runCommand ({ usage, run, explain, withUsage = [] }: Command): Promise<void> {
  try {
    await run()
  } catch (error) {
    process.exitCode = 1
    console.error(describeError(error))
  }

  function describeError (error: unknown): unknown {
    if (error instanceof UsageError) {
      return error.message === '' ? usage : `${error.message}\n\n${usage}`
    }
    if (error instanceof ConfigError) return error.message
    const { code = '', message } = error as { code?: string, message?: string }
    const isUsageMistake = code.startsWith('ERR_PARSE_ARGS') ||
      code === 'FST_CC_STORE_UNAVAILABLE' ||
      withUsage.includes(code)
    // Node adds advice on names with a dash after the first sentence.
    const problem = code.startsWith('ERR_PARSE_ARGS') ? message?.split('. ')[0] : message
    return explain(error) ?? (isUsageMistake ? `${problem}\n\n${usage}` : error)
  }
}
