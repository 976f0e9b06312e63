import { resolve } from 'node:path'
import t from 'tap'
import { problemsAfter } from './claims/copy.ts'
import { examplesAreShown, exportsLeadSomewhere } from './claims/package.ts'
import { pagesAreLinked, pagesListErrors } from './claims/pages.ts'
import { addVendor, pieces } from './claims/sixth-vendor.ts'
import {
  nothingIsStray,
  pagesListOptions,
  readmeListsVendors,
  vendorsAreWhole
} from './claims/vendors.ts'

const root = resolve(import.meta.dirname, '..')

t.test('a sixth vendor is whole, and each piece of it that is forgotten is named', async t => {
  const all = [
    vendorsAreWhole,
    readmeListsVendors,
    nothingIsStray,
    pagesListOptions,
    pagesListErrors,
    exportsLeadSomewhere,
    examplesAreShown,
    pagesAreLinked
  ]
  t.equal(await problemsAfter(root, addVendor, all), '', 'nothing is missing')
  for (const [piece, forget] of Object.entries(pieces)) {
    const problems = await problemsAfter(root, copy => {
      addVendor(copy)
      forget(copy)
    }, all)
    t.ok(problems.includes(piece), `${piece}: ${problems.split('\n')[0] ?? ''}`)
  }
})
