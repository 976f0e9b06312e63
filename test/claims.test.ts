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
  'docs/reference/settings.md lists the settings': pageListsSettings,
  'pages name the npm scripts that there are': pagesNameScripts,
  'every page is reached from the README': pagesAreLinked,
  'docs/guides/migration.md names reasons that explain gives': pageNamesReasons,
  'pages name exports that there are': pagesNameExports,
  'docs/reference/kit.md lists what the kit exports': pageListsKit,
  'docs/internals/dependencies.md lists every dependency with its reason': pageListsDependencies,
  'every export leads to a file': exportsLeadSomewhere,
  'examples are small, tested, and in the README': examplesAreShown
}

const root = resolve(import.meta.dirname, '..')
const here = repositoryAt(root)

for (const [name, check] of Object.entries(checks)) {
  t.test(name, async t => t.strictSame(await check(here), []))
}
