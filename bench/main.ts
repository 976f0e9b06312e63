// All benchmarks: npm run bench [-- --quick] [-- --only verify,http,…]
import { parseArgs } from 'node:util'
import { writePage } from './page.ts'
import { printSection } from './print.ts'
import { parts } from './parts/index.ts'
import type { Part, Section } from './report.ts'

const names = parts.map(({ name }) => name)
const { values: { quick = false, only, out } } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, out: { type: 'string' } }
})
const partNames = only?.split(',') ?? names
const unknown = partNames.filter(name => !names.includes(name))
if (unknown.length > 0) {
  throw new Error(`no part is called ${unknown.join(', ')}; there are ${names.join(', ')}`)
}

const start = performance.now()
const sections: Section[] = []
for (const part of parts.filter(({ name }) => partNames.includes(name))) {
  const partStart = performance.now()
  const section = await measurePart(part)
  sections.push(section)
  printSection(section)
  console.log(`(${part.name}: ${((performance.now() - partStart) / 1000).toFixed(0)} s)`)
}

// Only a complete run writes the page.
if (out !== undefined || (!quick && only === undefined)) {
  const folder = out ?? 'docs/internals'
  writePage(folder, sections, {
    minutes: Math.ceil((performance.now() - start) / 60_000),
    bench: 'bench'
  })
  console.log(`\nwritten: ${folder}/benchmarks.md and its charts`)
}

/** A failing part must not lose the results of the others. */
async function measurePart (part: Part): Promise<Section> {
  try {
    return await part.run({ quick })
  } catch (error) {
    console.error(error)
    process.exitCode = 1
    return {
      title: `Not measured: ${part.name}`,
      text: [`This part failed: ${String(error)}`],
      tables: []
    }
  }
}
