import { spawn } from 'node:child_process'
import { longestFirst, rememberDurations } from './durations.ts'
import { type Failure, FileReader } from './read-file.ts'
import { printFile } from './report.ts'

export interface FileResult {
  file: string
  seconds: number
  passed: number
  skipped: number
  failures: Failure[]
}

/**
 * The timeout of one file. It stops hung files and does not measure speed: slow or busy machines
 * must pass.
 */
const minutes = 15

/** Node options of each test process, as in `tap` in .taprc. */
const nodeOptions = [
  '--conditions=fastify-contact-center-source',
  '--import=./qa/secrets/tripwire.mjs'
]

export interface RunOptions {
  jobs: number
  env?: NodeJS.ProcessEnv
  /** The compiled file for each test that has one. The others run from source. */
  programs?: ReadonlyMap<string, string>
}

/** Runs each file in its own process, `jobs` at a time, and prints a line as each ends. */
export async function runFiles (
  files: readonly string[],
  { jobs, env = {}, programs }: RunOptions
): Promise<FileResult[]> {
  const queue = longestFirst(files)
  const results: FileResult[] = []
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file, programs?.get(file), env)
      printFile(result)
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  rememberDurations(results)
  return results
}

async function runFile (
  file: string,
  program: string | undefined,
  env: NodeJS.ProcessEnv
): Promise<FileResult> {
  const start = performance.now()
  const source = program === undefined ? ['--import=tsx', file] : ['--enable-source-maps', program]
  const child = spawn(process.execPath, [...nodeOptions, ...source], {
    env: { ...process.env, TAP_TIMEOUT: String(minutes * 60), ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const reader = new FileReader()
  child.stdout.on('data', (chunk: Buffer) => reader.read(chunk))
  const stderr: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // On SIGTERM, tap reports running tests; a hung process ignores it.
  const terminateTimer = setTimeout(() => child.kill(), minutes * 60_000)
  const killTimer = setTimeout(() => child.kill('SIGKILL'), minutes * 60_000 + 10_000)
  const exitReason = await new Promise<string | null>(resolve => {
    child.on('error', error => resolve(String(error)))
    child.on('close', (code, signal) => resolve(code === 0 ? null : signal ?? `exit code ${code}`))
  })
  clearTimeout(terminateTimer)
  clearTimeout(killTimer)
  return {
    file,
    seconds: (performance.now() - start) / 1000,
    ...reader.end(exitReason, Buffer.concat(stderr).toString())
  }
}
