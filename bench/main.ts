// All benchmarks: npm run bench [-- --quick] [-- --only verify,http,…]
import { parseArgs } from 'node:util'
import { writePages } from './page.ts'
import { printSection } from './print.ts'
import { pages } from './parts/index.ts'
import type { PageName, Part, Section } from './report.ts'

const parts = (Object.keys(pages) as PageName[]).flatMap(page =>
  pages[page].map(part => ({ page, part }))
)
const names = parts.map(({ part }) => part.name)
const { values: { quick = false, only, out } } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, out: { type: 'string' } }
})
const partNames = only?.split(',') ?? names
const unknown = partNames.filter(name => !names.includes(name))
if (unknown.length > 0) {
  throw new Error(`no part is called ${unknown.join(', ')}; there are ${names.join(', ')}`)
}

const start = performance.now()
const sections: Record<PageName, Section[]> = { plugins: [], service: [], growth: [] }
for (const { page, part } of parts) {
  if (!partNames.includes(part.name)) continue
  const partStart = performance.now()
  const section = await measurePart(part)
  sections[page].push(section)
  printSection(section)
  console.log(`(${part.name}: ${((performance.now() - partStart) / 1000).toFixed(0)} s)`)
}

// Only a complete run writes the pages.
if (out !== undefined || (!quick && only === undefined)) {
  const folder = out ?? 'docs/internals'
  writePages(folder, sections, {
    minutes: Math.ceil((performance.now() - start) / 60_000),
    bench: 'bench'
  })
  console.log(`\nwritten: ${folder}/benchmarks*.md and their charts`)
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
