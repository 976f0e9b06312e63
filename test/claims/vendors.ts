import type { FastifyPluginAsync } from 'fastify'
import type { Scheme } from 'fastify-contact-center/kit'
import { limits } from 'fastify-contact-center'
import { codesOf, differences, type Repository, rowsOf, section } from './repository.ts'

/** Folders of plugins/ that are not vendors, and files beside the vendors' contracts. */
const shared = ['kit', 'contract']
const besideContracts = ['broken.test', 'toys', 'webhook']

/** The files of every plugin. */
const modules = ['index', 'scheme', 'schemas', 'diagnosis']

const vendorFolders = ({ list }: Repository): string[] =>
  list('plugins').filter(name => !name.endsWith('.ts') && !shared.includes(name))

/** Vendors whose files are complete; `vendorsAreWhole` reports the others. */
export const loadableVendors = (repository: Repository): string[] =>
  vendorFolders(repository).filter(vendor =>
    modules.every(name => repository.has(`plugins/${vendor}/${name}.ts`))
  )

/** A vendor's page. */
export const pageOf = ({ has }: Repository, vendor: string): string =>
  [`docs/vendors/${vendor}.md`].find(has) ?? `docs/${vendor}.md`

/** Vendors that only send webhooks share their tests, and have no simulator. */
const sharedTests = 'test/webhooks.test.ts'

function sharesTests ({ has, read }: Repository, vendor: string): boolean {
  return has(sharedTests) && read(sharedTests).includes(`'${vendor}'`)
}

/** Every place that lists vendors has each of them, under one word. */
export async function vendorsAreWhole (repository: Repository): Promise<string[]> {
  const { vendors } = await repository.import('plugins/index.ts') as { vendors: readonly string[] }
  const folders = vendorFolders(repository)
  const problems = differences('vendor', ['plugins/', folders], [
    'the list of plugins/index.ts',
    vendors
  ])
  for (const vendor of folders) problems.push(...await vendorIsWhole(repository, vendor))
  return problems
}

async function vendorIsWhole (repository: Repository, vendor: string): Promise<string[]> {
  const { has, json, list, read } = repository
  const { exports } = json('package.json') as { exports: Record<string, unknown> }
  const source = `./plugins/${vendor}/index.ts`
  const built = `./dist/plugins/${vendor}/index`
  const pieces = [
    ...modules.map(name => `plugins/${vendor}/${name}.ts`),
    pageOf(repository, vendor),
    `test/vectors/${vendor}.json`,
    `test/contract/${vendor}.ts`,
    `examples/${vendor}.ts`,
    ...sharesTests(repository, vendor) ? [] : [
      `qa/examples/${vendor}.test.ts`,
      `examples/simulators/${vendor}/app.ts`,
      `test/simulators/${vendor}.test.ts`
    ]
  ]
  const problems = pieces.filter(path => !has(path)).map(path => `${vendor}: ${path} is missing`)
  const tests = ['explain', 'webhooks', `${vendor}/${vendor}`].map(name => `test/${name}.test.ts`)
  // Each of these tests asserts that it has at least eight kinds of mistake.
  if (!tests.some(path => read(path).includes(`t.test('${vendor}: classic mistakes`))) {
    problems.push(`${vendor}: no test of its classic mistakes in ${tests.join(' or ')}`)
  }
  const expected = {
    'fastify-contact-center-source': source,
    types: `${built}.d.ts`,
    default: `${built}.js`
  }
  if (JSON.stringify(exports[`./${vendor}`]) !== JSON.stringify(expected)) {
    problems.push(`${vendor}: exports of package.json lack ./${vendor}, or lead elsewhere`)
  }
  if (
    !sharesTests(repository, vendor) &&
    !list(`test/${vendor}`).some(name => name.endsWith('.test.ts'))
  ) {
    problems.push(`${vendor}: test/${vendor}/ has no tests`)
  }
  if (!read('README.md').includes(`(examples/${vendor}.ts)`)) {
    problems.push(`${vendor}: README.md has no link to its example`)
  }
  if (problems.length > 0) return problems
  return [...await moduleProblems(repository, vendor), ...vectorProblems(repository, vendor)]
}

async function moduleProblems (
  { import: load, read }: Repository,
  vendor: string
): Promise<string[]> {
  const camel = vendor.replaceAll(/-(.)/g, (_all, letter: string) => letter.toUpperCase())
  const { default: plugin, scheme, createScheme, diagnosis, createDiagnosis } = await load(
    `plugins/${vendor}/index.ts`
  ) as {
    default?: Record<symbol, { name?: string, fastify?: string }>,
    scheme?: Scheme<unknown>,
    createScheme?: unknown,
    diagnosis?: unknown,
    createDiagnosis?: unknown
  }
  const meta = plugin?.[Symbol.for('plugin-meta')]
  const says = (right: boolean | undefined, problem: string): string[] =>
    right === true ? [] : [`${vendor}: ${problem}`]
  return [
    ...says(
      meta?.name === `fastify-contact-center/${vendor}` && meta.fastify === '5.x',
      'the plugin is not named after its subpath, for Fastify 5.x'
    ),
    ...says(scheme?.name === vendor, 'the scheme has another name'),
    ...says(
      typeof diagnosis === 'object' && typeof createDiagnosis === 'function',
      'diagnosis and createDiagnosis are not exported'
    ),
    ...says(
      scheme?.limits.every(limit => limit in limits),
      'the scheme has a limit that the kit does not know'
    ),
    ...says(typeof createScheme === 'function', 'createScheme is not exported'),
    ...says(
      read(`plugins/${vendor}/index.ts`).includes(`${camel}: `),
      `the decorator is not ${camel}`
    )
  ]
}

function vectorProblems ({ json }: Repository, vendor: string): string[] {
  const { vectors = [] } = json(`test/vectors/${vendor}.json`) as {
    vectors?: Array<{ name?: string, source?: string, signature?: string }>
  }
  if (vectors.length === 0) return [`${vendor}: test/vectors/${vendor}.json holds no vectors`]
  return vectors.filter(({ name, source, signature }) => !name || !source || !signature).map((
    { name = '?' }
  ) => `${vendor}: vector "${name}" lacks its source or signature`)
}

/**
 * Each vendor has one row in the README: page, import, what is signed, algorithm.
 */
export function readmeListsVendors (repository: Repository): string[] {
  const rows = rowsOf(section(repository.read('README.md'), 'Vendors')).slice(1)
  const problems = rows.filter(cells => cells.length !== 4 || cells.includes('')).map((
    [first = '']
  ) => `README's table of vendors: the row "${first}" has an empty cell`)
  const linked = rows.map(([first = '']) =>
    /\(docs\/(?:vendors\/)?([a-z-]+)\.md\)/.exec(first)?.[1] ?? first
  )
  const imported = rows.map(([, from = '']) =>
    codesOf(from)[0]?.replace('fastify-contact-center/', '') ?? from
  )
  return [
    ...problems,
    ...differences('vendor', ['plugins/', vendorFolders(repository)], [
      "README's table of vendors",
      linked
    ]),
    ...differences('vendor', ['plugins/', vendorFolders(repository)], [
      "the imports of README's table",
      imported
    ])
  ]
}

/** Nothing is left of a removed vendor. */
export function nothingIsStray (repository: Repository): string[] {
  const vendors = vendorFolders(repository)
  const named = (folder: string, ending: string): string[] =>
    repository.list(folder).filter(name => name.endsWith(ending)).map(name =>
      name.slice(0, name.length - ending.length)
    )
  return [
    ...differences('vendor', ['plugins/', vendors], [
      'test/vectors/',
      named('test/vectors', '.json')
    ]),
    ...differences('vendor', ['plugins/', vendors], [
      'test/contract/',
      named('test/contract', '.ts').filter(name => !besideContracts.includes(name))
    ]),
    ...differences('vendor', [
      'plugins/',
      vendors.filter(vendor => !sharesTests(repository, vendor))
    ], [
      'examples/simulators/',
      repository.list('examples/simulators').filter(name =>
        name !== 'shared' && !name.includes('.') &&
        // For vendors that share their tests, a file of their own is optional.
        !(vendors.includes(name) && sharesTests(repository, name))
      )
    ])
  ]
}

/**
 * The table on a plugin's page lists exactly its options. The plugin itself names them when it
 * refuses an unknown one.
 */
export async function pagesListOptions (repository: Repository): Promise<string[]> {
  const { default: Fastify } = await import('fastify')
  const problems: string[] = []
  const counts = new Map<string, number>()
  const folders = loadableVendors(repository)
  for (const vendor of folders) {
    const { default: plugin } = await repository.import(`plugins/${vendor}/index.ts`) as {
      default: FastifyPluginAsync<{ noSuchOption?: number }>
    }
    const refusal = await Fastify().register(plugin, { noSuchOption: 1 }).then(
      () => '',
      (error: Error) => error.message
    )
    const options = /valid options: (.*)$/.exec(refusal)?.[1]?.split(', ') ?? []
    for (const option of options) counts.set(option, (counts.get(option) ?? 0) + 1)
    const listed = rowsOf(section(repository.read(pageOf(repository, vendor)), 'Register')).filter((
      [first = '']
    ) => /^`/.test(first))
    const table = listed.filter(cells => cells.length === 3).flatMap(([first = '']) =>
      codesOf(first)
    )
    problems.push(
      ...differences('option', [`the plugin ${vendor}`, options], [
        pageOf(repository, vendor),
        table
      ])
    )
  }
  const common = [...counts].filter(([, count]) => count === folders.length).map(([option]) =>
    option
  )
  const shared = rowsOf(section(repository.read('docs/reference/options.md'), 'Every plugin'))
    .slice(1).flatMap((
      [first = '']
    ) => codesOf(first))
  return [
    ...problems,
    ...differences('option', ['every plugin', [...common, 'tolerance', 'rememberMs']], [
      'docs/reference/options.md',
      shared
    ])
  ]
}

/** Words of vendors' names that the kit needs for other things. */
const commonWords = ['line', 'online', 'contact', 'chat', 'standard', 'webhooks']

/** The kit names no vendor. */
export function kitKnowsNoVendor (repository: Repository): string[] {
  const { files, read } = repository
  const words = vendorFolders(repository)
    .flatMap(vendor => [vendor.replaceAll('-', '.?'), ...vendor.split('-')])
    .filter(word => !commonWords.includes(word))
  const names = new RegExp(`\\b(?:${words.join('|')})`, 'i')
  return files('plugins/kit/**/*.ts').filter(path => names.test(read(path)))
    .map(path => `${path} names a vendor`)
}
