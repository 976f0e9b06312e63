import { resolve } from 'node:path'
import t from 'tap'
import { problemsAfter } from './claims/copy.ts'
import { examplesAreShown, exportsLeadSomewhere } from './claims/package.ts'
import {
  pageListsDependencies,
  pageListsSettings,
  pageNamesReasons,
  pagesAreLinked,
  pagesListErrors,
  pagesNameExports,
  pagesNameScripts
} from './claims/pages.ts'
import { type Check, repositoryAt } from './claims/repository.ts'
import {
  kitKnowsNoVendor,
  nothingIsStray,
  pagesListOptions,
  readmeListsVendors,
  vendorsAreWhole
} from './claims/vendors.ts'

const checks: Record<string, Check> = {
  'one word names a vendor everywhere, and nothing of a vendor is forgotten': vendorsAreWhole,
  'the README has a row for each vendor': readmeListsVendors,
  'nothing is left of a vendor that has gone': nothingIsStray,
  'pages list the options that plugins take': pagesListOptions,
  "the kit knows no vendor's name": kitKnowsNoVendor,
  'pages list the errors that there are, with their statuses': pagesListErrors,
  'docs/service.md lists the settings': pageListsSettings,
  'pages name the npm scripts that there are': pagesNameScripts,
  'every page is reached from the README': pagesAreLinked,
  'docs/migration.md names reasons that explain gives': pageNamesReasons,
  'pages name exports that there are': pagesNameExports,
  'docs/dependencies.md lists every dependency with its reason': pageListsDependencies,
  'every export leads to a file': exportsLeadSomewhere,
  'examples are small, tested, and in the README': examplesAreShown
}

const root = resolve(import.meta.dirname, '..')
const here = repositoryAt(root)

for (const [name, check] of Object.entries(checks)) {
  t.test(name, async t => t.strictSame(await check(here), []))
}

t.test('each of these checks can fail', async t => {
  const broken: Array<
    [path: string, was: string | RegExp, is: string, check: Check, found: RegExp]
  > = [
    [
      'plugins/index.ts',
      ", 'huawei-aicc'",
      '',
      vendorsAreWhole,
      /vendor huawei-aicc: in plugins\/, but not in the list/
    ],
    [
      'plugins/contiple/scheme.ts',
      "name: 'contiple'",
      "name: 'other'",
      vendorsAreWhole,
      /contiple: the scheme has another name/
    ],
    [
      'plugins/contiple/index.ts',
      "name: 'fastify-contact-center/contiple'",
      "name: 'other'",
      vendorsAreWhole,
      /contiple: the plugin is not named/
    ],
    [
      'test/vectors/contiple.json',
      /"source": "[^"]+"/,
      '"source": ""',
      vendorsAreWhole,
      /contiple: vector "[^"]+" lacks its source/
    ],
    [
      'README.md',
      /^\| \[NHN Contiple\].*\n/m,
      '',
      readmeListsVendors,
      /vendor contiple: in plugins\/, but not in README/
    ],
    [
      'README.md',
      /(?<=^\| \[NHN Contiple\].*)raw body, time(?= \|)/m,
      '',
      readmeListsVendors,
      /has an empty cell/
    ],
    [
      'README.md',
      '`fastify-contact-center/contiple`',
      '`fastify-contact-center/contipel`',
      readmeListsVendors,
      /vendor contipel: in the imports/
    ],
    ['test/vectors/other.json', /^/, '{}', nothingIsStray, /vendor other: in test\/vectors\//],
    [
      'docs/contiple.md',
      '| `signedContent` |',
      '| `signContent` |',
      pagesListOptions,
      /option signContent: in docs\/contiple.md, but not in the plugin contiple/
    ],
    [
      'README.md',
      '| `rememberMs` |',
      '| `remember` |',
      pagesListOptions,
      /option rememberMs: in every plugin, but not in README/
    ],
    [
      'plugins/kit/wire/mac.ts',
      'Constant-time',
      'As Huawei has it, constant-time',
      kitKnowsNoVendor,
      /mac.ts names a vendor/
    ],
    [
      'README.md',
      '| `FST_CC_REPLAYED` | 401 |',
      '| `FST_CC_REPLAYED` | 409 |',
      pagesListErrors,
      /error FST_CC_REPLAYED \(409\): in README/
    ],
    [
      'docs/contiple.md',
      '`FST_CC_NO_SUCH_CUSTOMER` |',
      '`FST_CC_NO_CUSTOMER` |',
      pagesListErrors,
      /error FST_CC_NO_CUSTOMER: in docs\/contiple.md, but nowhere/
    ],
    [
      'docs/huawei-aicc.md',
      /FST_CC_CALL_TIMED_OUT/g,
      'no-code',
      pagesListErrors,
      /error FST_CC_CALL_TIMED_OUT: in plugins\/, but on no page/
    ],
    [
      'docs/service.md',
      '| `PHONE_REGION` | `KR` |',
      '| `PHONE_REGION` | `US` |',
      pageListsSettings,
      /setting `PHONE_REGION` \| `KR`/
    ],
    [
      'CONTRIBUTING.md',
      'npm run lint',
      'npm run lints',
      pagesNameScripts,
      /script lints: in README, CONTRIBUTING and docs/
    ],
    [
      'package.json',
      '"scripts": {',
      '"scripts": { "unheard": "true",',
      pagesNameScripts,
      /script unheard: in package.json/
    ],
    ['docs/orphan.md', /^/, '# Orphan\n', pagesAreLinked, /docs\/orphan.md: no page/],
    [
      'docs/cli.md',
      /$/,
      '`fastify-contact-center/cli`',
      pagesNameExports,
      /docs\/cli.md: no subpath cli/
    ],
    [
      'docs/migration.md',
      '`order-locale`',
      '`order-language`',
      pageNamesReasons,
      /explain knows no order-language/
    ],
    [
      'docs/adding-a-vendor.md',
      '`parseFormPairs`',
      '`parsePairs`',
      pagesNameExports,
      /the kit has no parsePairs/
    ],
    [
      'package.json',
      '"dependencies": {',
      '"dependencies": { "left-pad": "1",',
      pageListsDependencies,
      /dependency left-pad: in package.json/
    ],
    [
      'docs/dependencies.md',
      '| `tsx` |',
      '| `tap` | the test runner |\n| `tsx` |',
      pageListsDependencies,
      /tap stands there twice/
    ],
    [
      'docs/dependencies.md',
      '`lru-cache`',
      '`lru`',
      pageListsDependencies,
      /dependency lru-cache: in package.json/
    ],
    [
      'package.json',
      './plugins/contract/index.ts',
      './plugins/contract/main.ts',
      exportsLeadSomewhere,
      /exports: .\/plugins\/contract\/main.ts is no file/
    ],
    [
      'plugins/shared/index.ts',
      /^/,
      'export {}',
      exportsLeadSomewhere,
      /exports: plugins\/shared is not exported/
    ],
    [
      'examples/contiple.ts',
      /$/,
      '\n'.repeat(50),
      examplesAreShown,
      /examples\/contiple.ts is longer/
    ],
    [
      'examples/new.ts',
      /^/,
      'export {}',
      examplesAreShown,
      /examples\/new.ts has no test[\s\S]*examples\/new.ts is not in README/
    ]
  ]
  t.strictSame(
    Object.values(checks).filter(check => !broken.some(([, , , one]) => one === check)),
    [],
    'every check has a case'
  )
  for (const [path, was, is, check, found] of broken) {
    const problems = await problemsAfter(root, ({ read, write }) => {
      const after = read(path).replace(was, () => is)
      t.not(after, read(path), `${path} holds ${String(was)}`)
      write(path, after)
    }, [check])
    t.match(problems, found, `${path}: ${String(was)} → ${is.slice(0, 40)}`)
  }
})
