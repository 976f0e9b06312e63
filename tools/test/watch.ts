import { watch as watchFolder } from 'node:fs'
import { dirname, relative } from 'node:path'
import { build } from 'esbuild'
import { compile, ownName, toBundle } from './compile.ts'
import { printSummary } from './report.ts'
import { runFiles } from './run-files.ts'
import { select } from './select.ts'

const sourceFolders = ['plugins', 'cli', 'examples', 'test', 'tools']

/**
 * Runs the given tests, then after each change those that import the changed file. Without
 * arguments, waits for the first change.
 */
export async function watch (patterns: readonly string[], jobs: number): Promise<void> {
  const changedFiles = new Set<string>()
  let running = false
  const run = async (selectFiles: () => string[] | Promise<string[]>): Promise<void> => {
    try {
      const files = await selectFiles()
      if (files.length > 0) {
        const { programs, remove } = await compile(files)
        printSummary(await runFiles(files, { jobs, programs }))
        remove()
      }
    } catch (error) {
      // Such as a syntax error in a file that is being edited.
      console.error((error as Error).message)
    }
    console.log('Waiting for a change. Ctrl+C ends.')
  }
  const runChanged = async (): Promise<void> => {
    if (running) return
    running = true
    while (changedFiles.size > 0) {
      const files = new Set(changedFiles)
      changedFiles.clear()
      await run(() => findAffectedTests(select(patterns), files))
    }
    running = false
  }
  for (const folder of foldersToWatch(patterns)) {
    watchFolder(folder, { recursive: true }, (_event, name) => {
      if (name === null || !/\.(?:[cm]?[jt]s|json)$/.test(name)) return
      changedFiles.add(`${folder}/${name}`)
      // Editors save in several steps.
      setTimeout(runChanged, 100)
    })
  }
  running = true
  await run(() => patterns.length > 0 ? select(patterns) : [])
  running = false
  await runChanged()
}

/** The sources, and the folders of the given tests. */
function foldersToWatch (patterns: readonly string[]): string[] {
  const otherFolders = select(patterns).map(file => dirname(relative('.', file)))
    .filter(folder => !sourceFolders.some(source => `${folder}/`.startsWith(`${source}/`)))
  return [...sourceFolders, ...new Set(otherFolders)]
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
