import { resolve } from 'node:path'
import t from 'tap'
import { examplesAreShown, exportsLeadSomewhere } from './claims/package.ts'
import {
  pageListsDependencies,
  pageListsKit,
  pageListsSettings,
  pageNamesReasons,
  pagesAreLinked,
  pagesListErrors,
  pagesNameExports,
  pagesNameScripts
} from './claims/pages.ts'
import { LONGEST, pagesAreShort, sentencesOf } from './claims/prose.ts'
import { type Check, repositoryAt } from './claims/repository.ts'
import {
  kitKnowsNoVendor,
  nothingIsStray,
  pagesListOptions,
  readmeListsVendors,
  vendorsAreWhole
} from './claims/vendors.ts'

const checks: Record<string, Check> = {
  'one word names a vendor everywhere, and each vendor has every part': vendorsAreWhole,
  'the README has a row for each vendor': readmeListsVendors,
  'nothing is left of a removed vendor': nothingIsStray,
  'pages list the options of plugins': pagesListOptions,
  "the kit knows no vendor's name": kitKnowsNoVendor,
  'pages list every error with its status': pagesListErrors,
  'docs/reference/settings.md lists the settings': pageListsSettings,
  'pages name existing npm scripts, and all of them': pagesNameScripts,
  'the README leads to every page': pagesAreLinked,
  'docs/guides/migration.md names reasons that explain gives': pageNamesReasons,
  'pages name existing exports': pagesNameExports,
  'docs/reference/kit.md lists what the kit exports': pageListsKit,
  'docs/internals/dependencies.md lists every dependency with its reason': pageListsDependencies,
  'every export leads to a file': exportsLeadSomewhere,
  'examples are tested, and in the README': examplesAreShown,
  [`a sentence has ${LONGEST.sentence} words at most, and a page ${LONGEST.page}`]: pagesAreShort
}

const root = resolve(import.meta.dirname, '..')
const repository = repositoryAt(root)

for (const [name, check] of Object.entries(checks)) {
  t.test(name, async t => t.strictSame(await check(repository), []))
}

t.test('finds a vendor without a test of its classic mistakes', async t => {
  const read = (path: string): string =>
    repository.read(path).replace('zoom: classic mistakes', 'zoom')
  t.match(await vendorsAreWhole({ ...repository, read }), [
    /^zoom: no test of its classic mistakes/
  ])
})

t.test('finds a newer vendor that the kit names', t => {
  const read = (): string => '// As Zoom does.'
  const files = (): string[] => ['plugins/kit/keys/key-ring.ts']
  t.strictSame(kitKnowsNoVendor({ ...repository, files, read }), [
    'plugins/kit/keys/key-ring.ts names a vendor'
  ])
  t.end()
})

t.test('finds long sentences and pages, and counts prose only', async t => {
  const words = (count: number): string => 'word '.repeat(count).trim()
  const page = (text: string) => ({
    ...repository,
    files: () => ['docs/page.md'],
    read: () => text
  })
  t.match(pagesAreShort(page(`${words(31)}.`)), [/^docs\/page\.md: 31 words in one sentence/])
  t.match(pagesAreShort(page(`${words(29)}. `.repeat(42))), ['docs/page.md: 1218 words'])
  t.strictSame(pagesAreShort(page(`${words(30)}. Word ${words(29)}.`)), [])
  t.strictSame(
    sentencesOf([
      '# A heading',
      'Code `a b c` counts once, and so does [a link](https://example.com/a).',
      'Another sentence.',
      '',
      '- An item',
      '- Another one',
      '',
      '```sh',
      words(40),
      '```',
      '',
      `| ${words(40)} |`
    ].join('\n')),
    [
      'A heading',
      'Code code counts once, and so does a link.',
      'Another sentence.',
      'An item',
      'Another one'
    ]
  )
})
