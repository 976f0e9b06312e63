import { watch as watchFolder } from 'node:fs'
import { build } from 'esbuild'
import { compile, ownName, toBundle } from './compile.ts'
import { printSummary } from './report.ts'
import { runFiles } from './run-files.ts'
import { select } from './select.ts'

const folders = ['plugins', 'cli', 'examples', 'test', 'tools']

/**
 * Runs the given tests, then after each change those that import the changed file. Without
 * arguments, waits for the first change.
 */
export async function watch (patterns: readonly string[], jobs: number): Promise<void> {
  const changedFiles = new Set<string>()
  let running = false
  const run = async (files: readonly string[]): Promise<void> => {
    if (files.length > 0) {
      const { programs, remove } = await compile(files)
      printSummary(await runFiles(files, { jobs, programs }))
      remove()
    }
    console.log('Waiting for a change. Ctrl+C ends.')
  }
  const runChanged = async (): Promise<void> => {
    if (running) return
    running = true
    while (changedFiles.size > 0) {
      const files = new Set(changedFiles)
      changedFiles.clear()
      await run(await findAffectedTests(select(patterns), files)).catch(console.error)
    }
    running = false
  }
  for (const folder of folders) {
    watchFolder(folder, { recursive: true }, (_event, name) => {
      if (name === null || !/\.(?:[cm]?[jt]s|json)$/.test(name)) return
      changedFiles.add(`${folder}/${name}`)
      // Editors save in several steps.
      setTimeout(runChanged, 100)
    })
  }
  running = true
  await run(patterns.length > 0 ? select(patterns) : []).catch(console.error)
  running = false
  await runChanged()
}

/** The tests that import one of the files, directly or indirectly. */
async function findAffectedTests (tests: readonly string[], files: Set<string>): Promise<string[]> {
  const { metafile } = await build({
    ...toBundle,
    entryPoints: [...tests],
    outdir: 'unused',
    write: false,
    logLevel: 'silent',
    plugins: [ownName]
  })
  return Object.values(metafile.outputs)
    .filter(({ inputs }) => Object.keys(inputs).some(input => files.has(input)))
    .flatMap(({ entryPoint }) => entryPoint ?? [])
}
