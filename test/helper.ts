import { spawn } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { InputError } from 'fastify-contact-center/kit'
import type { Outcome } from 'fastify-contact-center'
import type { Test } from 'tap'

/**
 * The environment of a child process. It collects no coverage: it is compiled without the source
 * maps that the report needs. The tripwire watches it, as it watches the tests.
 */
export const childEnv = {
  PATH: process.env['PATH'],
  NODE_V8_COVERAGE: '',
  NODE_OPTIONS: `--import=${new URL('../qa/secrets/tripwire.mjs', import.meta.url).href}`,
  TRIPWIRE_REPORT: process.env['TRIPWIRE_REPORT'],
  TRIPWIRE_COUNTS: process.env['TRIPWIRE_COUNTS']
}

/** Node's options to run the sources, and to import the package by name from its sources. */
export const fromSource = ['--import=tsx', '--conditions=fastify-contact-center-source'] as const

/** Does the same for a program with many modules, in less than half the time. */
export const compiled = [fileURLToPath(new URL('../tools/run.mjs', import.meta.url))] as const

/** A fixed clock: the time of the vendors' vectors, in epoch milliseconds. */
export const now = 1660095873001

/** An app that closes with its test. `set` registers plugins and routes. */
export async function build (
  t: Test,
  set: (app: FastifyInstance) => unknown,
  options: FastifyServerOptions = {}
): Promise<FastifyInstance> {
  const app = Fastify(options)
  t.after(() => app.close())
  await set(app)
  await app.ready()
  return app
}

/**
 * Collects the outcomes from now until the test ends. Subscribes by the channel's name, which is
 * public.
 */
export function hearOutcomes (t: Test): Outcome[] {
  const outcomes: Outcome[] = []
  const listen = (outcome: unknown): void => {
    outcomes.push(outcome as Outcome)
  }
  subscribe('fastify-contact-center:verification', listen)
  t.after(() => unsubscribe('fastify-contact-center:verification', listen))
  return outcomes
}

/** Returns the result, or undefined if the step throws an InputError. */
export function unlessRefused<T> (step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

export interface Vector<Input> {
  name: string
  /**
   * `published` by the vendor, `JVM` from running the vendor's JDK calls, `reference` from
   * qa/java.
   */
  source: string
  options: Record<string, unknown>
  input: Input
  secret: string
  message?: string
  signature: string
}

/** The known answers of a vendor, as the package publishes them. */
export function vectorsOf<Input> (vendor: string): Array<Vector<Input>> {
  const file = new URL(`vectors/${vendor}.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Array<Vector<Input>> }).vectors
}

/**
 * Starts an example as a reader would, on a free port, and returns its address. The process ends
 * with the test.
 */
export async function startExample (
  t: Test,
  name: string,
  env: Record<string, string> = {}
): Promise<string> {
  const child = spawn(process.execPath, [...compiled, `examples/${name}.ts`], {
    cwd: new URL('..', import.meta.url),
    env: { ...childEnv, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  t.after(() => child.kill())
  return await new Promise((resolve, reject) => {
    let printed = ''
    const read = (chunk: Buffer): void => {
      printed += chunk.toString()
      const address = /http:\/\/127\.0\.0\.1:[0-9]+/.exec(printed)
      if (address !== null) resolve(address[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on(
      'exit',
      () => reject(new Error(`examples/${name}.ts ended before it listened:\n${printed}`))
    )
  })
}
