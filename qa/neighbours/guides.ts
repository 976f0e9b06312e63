import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../..')
const folder = join(import.meta.dirname, 'guides-code')

/** Runs the code of a guide and returns its exports. */
export async function runGuide (name: string): Promise<Record<string, unknown>> {
  const page = readFileSync(join(root, 'docs/guides', `${name}.md`), 'utf8')
  const blocks = [...page.matchAll(/^```ts neighbours\n([^]*?)^```$/gm)].map(([, code]) => code)
  if (blocks.length === 0) throw new Error(`docs/guides/${name}.md has no code`)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.ts`)
  writeFileSync(
    file,
    blocks.join('\n').replaceAll(
      /'fastify-contact-center(\/[\w-]+)?'/g,
      (_, path = '') => `'../../../plugins${path}/index.ts'`
    )
  )
  return await import(pathToFileURL(file).href) as Record<string, unknown>
}
