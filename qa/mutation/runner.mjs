// A test runner for Stryker that runs all tests in this process: starting a process for each of
// thousands of mutants would take days. Mutants are switched on by number.
import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  commonTokens,
  declareFactoryPlugin,
  declareValuePlugin,
  PluginKind,
  tokens
} from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult
} from '@stryker-mutator/api/test-runner'
import { messages } from './ignored.mjs'
import { nextGeneration } from './hooks.mjs'
import { registeredTests, run } from './tap.mjs'
import { folders, skippedPrefixes } from './tests.mjs'

/** Instrumented code reads the active mutant here, and counts its coverage. */
const state = globalThis.__stryker__ ??= {}

class Runner {
  #tests = []

  capabilities () {
    return { reloadEnvironment: true }
  }

  async init () {
    process.env.PROPERTY_SEED = '1'
    process.env.PROPERTY_RUNS = '60'
    process.on('unhandledRejection', () => {})
    process.on('uncaughtException', () => {})
  }

  async dryRun () {
    state.activeMutant = undefined
    state.mutantCoverage = { static: {}, perTest: {} }
    await this.#load()
    const result = await this.#run(this.#tests, false)
    return { ...result, mutantCoverage: state.mutantCoverage }
  }

  async mutantRun (
    { activeMutant, testFilter, hitLimit, reloadEnvironment, mutantActivation, disableBail }
  ) {
    state.hitCount = hitLimit === undefined ? undefined : 0
    state.hitLimit = hitLimit
    state.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined
    try {
      if (reloadEnvironment || this.#tests.length === 0) await this.#load()
    } catch (error) {
      return toMutantRunResult({
        status: DryRunStatus.Complete,
        tests: [failed('loading', error, 0)]
      })
    }
    state.activeMutant = activeMutant.id
    const result = await this.#run(this.#chosen(testFilter, activeMutant.fileName), !disableBail)
    // Modules loaded under a static mutant stay mutated.
    if (mutantActivation === 'static') this.#tests = []
    return toMutantRunResult(determineHitLimitReached(state.hitCount, state.hitLimit) ?? result)
  }

  /**
   * Every test covers code that runs at load time, so those of the folder, the contract and the
   * webhooks must suffice.
   */
  #chosen (filter, file) {
    const folder = `test/${relative(process.cwd(), file).split(sep)[1]}/`
    const folderTests = this.#tests.filter(({ id }) => id.startsWith(folder))
    if (filter === undefined) {
      return [
        ...folderTests,
        ...this.#tests.filter(({ id }) => /^test\/(?:contract|webhooks)/.test(id))
      ]
    }
    // Tests of the mutant's own folder find it soonest.
    return [...folderTests, ...this.#tests.filter(test => !folderTests.includes(test))].filter((
      { id }
    ) => filter.includes(id))
  }

  async #load () {
    nextGeneration()
    state.currentTestId = undefined
    this.#tests = []
    for (const file of testFiles()) {
      registeredTests.length = 0
      await import(pathToFileURL(join(process.cwd(), file)).href)
      for (const { name, skip, body } of registeredTests) {
        if (!skip && !skippedPrefixes.some(prefix => name.startsWith(prefix))) {
          this.#tests.push({ id: `${file}: ${name}`, body })
        }
      }
    }
  }

  async #run (selectedTests, bail) {
    const tests = []
    for (const { id, body } of selectedTests) {
      state.currentTestId = id
      const start = performance.now()
      try {
        await run(id, body)
        tests.push({
          id,
          name: id,
          timeSpentMs: performance.now() - start,
          status: TestStatus.Success
        })
      } catch (error) {
        tests.push(failed(id, error, performance.now() - start))
        if (bail) break
      }
    }
    return { status: DryRunStatus.Complete, tests }
  }
}

function failed (id, error, timeSpentMs) {
  return {
    id,
    name: id,
    timeSpentMs,
    status: TestStatus.Failed,
    failureMessage: String(error?.message ?? error)
  }
}

/** Fast ones first. */
function testFiles () {
  return folders.flatMap(folder =>
    folder.endsWith('.ts')
      ? [folder]
      : readdirSync(folder).filter(name => name.endsWith('.test.ts')).sort().reverse().map(name =>
        `${folder}/${name}`
      )
  )
}

create.inject = tokens(commonTokens.injector)
function create () {
  return new Runner()
}

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'fastify-contact-center', create),
  declareValuePlugin(PluginKind.Ignore, 'messages', messages)
]
