import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { vendors } from 'fastify-contact-center'
import type { Scheme } from 'fastify-contact-center/kit'
import t from 'tap'
import { globSync } from 'tinyglobby'
import { draw } from '../tools/draw.ts'
import { pages, root } from './pages.ts'

const vendorHeadings = [
  'What it is',
  'Where to find the secret',
  'Register',
  'Verify',
  'Sign',
  'Schemas',
  'Errors',
  'What the signature does not cover',
  'Sources and vectors'
]

/**
 * The page of each vendor and where its scheme is: the package's own, and those of the examples.
 */
const vendorPages = new Map([
  ...vendors.map(vendor =>
    [
      [`docs/vendors/${vendor}.md`, `docs/${vendor}.md`].find(path => pages.has(path)) ?? vendor,
      `fastify-contact-center/${vendor}`
    ] as const
  ),
  ['examples/custom-vendor/README.md', '../examples/custom-vendor/index.ts'] as const
])

t.test("every vendor's page has the same headings, and names each limit of the scheme", async t => {
  for (const [path, module] of vendorPages) {
    const page = pages.get(path)
    if (page === undefined) {
      t.fail(`${path} is missing`)
      continue
    }
    t.equal(page.headings.filter(({ level }) => level === 1).length, 1, `${path}: one title`)
    t.strictSame(
      page.headings.filter(({ level }) => level === 2).map(({ text }) => text),
      vendorHeadings,
      `${path}: headings`
    )
    const { scheme } = await import(module) as { scheme: Scheme<unknown> }
    const weakness = page.prose.slice(
      page.prose.indexOf('## What the signature does not cover'),
      page.prose.indexOf('## Sources and vectors')
    )
    t.strictSame(
      scheme.limits.filter(limit => !weakness.includes(`\`${limit}\``)),
      [],
      `${path}: limits that the page does not name`
    )
  }
})

t.test('every relative link leads to a file and heading', async t => {
  t.ok(linksOf(pages.get('README.md')?.prose ?? '').length > 15, 'links are found')
  for (const [path, { prose }] of pages) {
    for (const link of linksOf(prose)) {
      const [file = '', anchor] = decodeURI(link).split('#')
      const target = join(dirname(path), file)
      const exists = file === '' || existsSync(join(root, target))
      const headings = pages.get(file === '' ? path : target)?.headings
      t.ok(
        exists &&
          (anchor === undefined || headings === undefined ||
            headings.some(({ text }) => slug(text) === anchor)),
        `${path}: ${link}`
      )
    }
  }
})

t.test("the architecture's pictures match their sources, and name existing files", async t => {
  const page = pages.get('docs/internals/architecture.md')?.prose ?? ''
  const sources = globSync('docs/internals/architecture/*.dot', { cwd: root }).sort()
  t.ok(sources.length > 0)
  for (const source of sources) {
    const [dot, picture] = [readFileSync(join(root, source), 'utf8'), source.replace(/dot$/, 'svg')]
    t.equal(
      readFileSync(join(root, picture), 'utf8'),
      await draw(dot),
      `${picture}: npm run pictures draws it again`
    )
    t.ok(
      page.includes(`](${picture.replace('docs/internals/', '')})`),
      `docs/internals/architecture.md shows ${picture}`
    )
    const named = [...dot.matchAll(/\b[a-z-]+\.ts\b/g)].map(([name]) => name)
    const paths = globSync('plugins/{kit,contiple}/**/*.ts', { cwd: root })
    t.strictSame(
      named.filter(name => !paths.some(path => path.endsWith(`/${name}`))),
      [],
      `${source}: missing files`
    )
  }
})

function linksOf (prose: string): string[] {
  const text = prose.replace(/`[^`\n]*`/g, '')
  const targets = [
    ...text.matchAll(/\]\(([^()\s]+)[^()]*\)/g),
    ...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)
  ].map(match => match[1] ?? '')
  return targets.filter(target => !/^[a-z][a-z0-9+.-]*:/i.test(target))
}

/** The anchor that GitHub gives a heading. */
function slug (heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{M}\p{N} _-]/gu, '').replaceAll(' ', '-')
}
