import { codesOf, differences, type Repository, rowsOf, section } from './repository.ts'
import { loadableVendors, pageOf } from './vendors.ts'

type ErrorClass = new() => { code: string, statusCode?: number }

const userPages = ({ files }: Repository): string[] => files('README.md', 'docs/**/*.md')
const allPages = ({ files }: Repository): string[] =>
  files('*.md', 'docs/**/*.md', 'examples/**/*.md', 'qa/*.md')

/** Every error that a file of plugins/ exports, by its code, with its status. */
async function errorsOf (
  { import: load }: Repository,
  file: string
): Promise<Map<string, string>> {
  const exported = Object.values(await load(`plugins/${file}`) as object).filter((
    value
  ): value is ErrorClass => typeof value === 'function' && value.prototype instanceof Error)
  const errors = exported.map(One => new One()).filter(({ code }) => code.startsWith('FST_CC_'))
  return new Map(errors.map(({ code, statusCode }) => [code, String(statusCode)]))
}

/**
 * The reference lists the kit's errors with their statuses; pages and code have the same codes.
 */
export async function pagesListErrors (repository: Repository): Promise<string[]> {
  const kit = await errorsOf(repository, 'kit/errors.ts')
  kit.set('FST_CC_OPTION_INVALID', '-')
  const table = rowsOf(section(repository.read('docs/reference/errors.md'), 'Codes')).slice(1).map((
    [code = '', status]
  ) => `${codesOf(code)[0]} (${status})`)
  const problems = differences('error', [
    'the kit',
    Array.from(kit, ([code, status]) => `${code} (${status})`)
  ], ['docs/reference/errors.md', table])

  const defined = new Set(
    repository.files('plugins/**/*.ts').flatMap(path =>
      [
        ...repository.read(path).matchAll(
          /(?:defineError|createError)(?:<[^(]*>)?\(\s*'(FST_CC_[A-Z_]+)'/g
        )
      ]
        .map(([, code = '']) => code)
    )
  )
  const mentioned = new Map(
    allPages(repository).flatMap(path =>
      [...repository.read(path).matchAll(/\bFST_CC_[A-Z_]+\b/g)].map(([code]) => [code, path])
    )
  )
  for (const [code, path] of mentioned) {
    if (!defined.has(code)) problems.push(`error ${code}: in ${path}, but not in plugins/`)
  }
  for (const code of defined) {
    if (!mentioned.has(code)) problems.push(`error ${code}: in plugins/, but on no page`)
  }
  for (const vendor of loadableVendors(repository)) {
    const own = [...(await errorsOf(repository, `${vendor}/index.ts`)).keys()].filter(code =>
      !kit.has(code)
    )
    const page = section(repository.read(pageOf(repository, vendor)), 'Errors')
    problems.push(
      ...own.filter(code => !page.includes(code)).map(code =>
        `error ${code}: in plugins/${vendor}, but not in the errors of ${
          pageOf(repository, vendor)
        }`
      )
    )
  }
  return problems
}

/**
 * docs/reference/settings.md lists the service's settings with their defaults, what each vendor
 * needs, and the files that are read again.
 */
export async function pageListsSettings (repository: Repository): Promise<string[]> {
  const { Settings } = await repository.import('examples/integration-service/config.ts') as {
    Settings: {
      required: string[],
      properties: Record<string, { default?: unknown, description?: string }>
    }
  }
  const declared = Object.entries(Settings.properties).map(
    ([name, { default: value, description }]) => {
      const standard = value !== undefined
        ? value === '' ? '' : `\`${String(value)}\``
        : Settings.required.includes(name)
        ? 'required'
        : ''
      return [`\`${name}\``, standard, description].join(' | ')
    }
  )
  const { accounts } = await repository.import('examples/integration-service/accounts.ts') as {
    accounts: Record<string, readonly string[]>
  }
  const { tokenNames } = await repository.import('examples/integration-service/config.ts') as {
    tokenNames: readonly string[]
  }
  const page = 'docs/reference/settings.md'
  const text = repository.read(page)
  const rows = (heading: string) => rowsOf(section(text, heading)).slice(1)
  return [
    ...differences('setting', ['the config', declared], [
      page,
      rows('All settings').map(cells => cells.join(' | '))
    ]),
    ...differences('account', ['accounts.ts', Object.values(accounts).map(String)], [
      page,
      rows('Vendors').map(([, needs = '']) => codesOf(needs).join())
    ]),
    ...differences('file that is read again', [
      'the config',
      tokenNames.map(name => `${name}_FILE`)
    ], [page, codesOf(section(text, 'From files')).filter(code => /_TOKEN_FILE$/.test(code))])
  ]
}

/** Every npm script that a page names exists, and a page names every script. */
export function pagesNameScripts (repository: Repository): string[] {
  const { scripts } = repository.json('package.json') as { scripts: Record<string, string> }
  const named = new Set(
    allPages(repository).flatMap(path =>
      [
        ...repository.read(path).matchAll(
          /\bnpm (?:run )?(start(?!:)|test(?!:)|(?<=run )[a-z][a-z:-]*)/g
        )
      ].map(([, name = '']) => name)
    )
  )
  return differences('script', [
    'package.json',
    Object.keys(scripts).filter(name => !/^pre(?:pack|start)/.test(name))
  ], ['README, CONTRIBUTING and docs', named])
}

/** The README leads to every page, directly or through other pages. */
export function pagesAreLinked (repository: Repository): string[] {
  const reached = new Set(['README.md'])
  for (const path of reached) {
    for (
      const [, link = ''] of repository.read(path).matchAll(/\]\(([^()\s#]+\.md)(?:#[^()\s]*)?\)/g)
    ) {
      const { pathname } = new URL(link, `file:///${path}`)
      if (!/^[a-z]+:/.test(link) && repository.has(pathname.slice(1))) {
        reached.add(pathname.slice(1))
      }
    }
  }
  return allPages(repository).filter(path => !reached.has(path)).map(path =>
    `${path}: the README leads to no page that links to it`
  )
}

/** Every subpath and every export of the kit that pages name exists. */
export async function pagesNameExports (repository: Repository): Promise<string[]> {
  const { exports } = repository.json('package.json') as { exports: Record<string, unknown> }
  const known = (subpath: string): boolean =>
    Object.keys(exports).some(pattern =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]+')}$`).test(
        `./${subpath}`
      )
    )
  const problems = userPages(repository).flatMap(path =>
    [...repository.read(path).matchAll(/['"`]fastify-contact-center\/([^'"`\s<>:]+)['"`]/g)]
      .filter(([, subpath = '']) => !known(subpath)).map(([, subpath]) =>
        `${path}: no subpath ${subpath}`
      )
  )
  const kit = await repository.import('plugins/kit/index.ts') as object
  const toolbox = rowsOf(
    section(
      repository.read('docs/start/adding-a-vendor.md'),
      '3\\. `defineVendor`: where the parts are'
    )
  ).slice(1)
  const words = toolbox.flatMap(([, use = '']) => codesOf(use)).filter(code =>
    /^[a-zA-Z][a-zA-Z0-9]*$/.test(code) && !['read', 'timestamp', 'nonce', 'once'].includes(code)
  )
  if (words.length === 0) {
    problems.push('docs/start/adding-a-vendor.md: the table of the kit is missing')
  }
  return [
    ...problems,
    ...words.filter(word => !(word in kit)).map(word =>
      `docs/start/adding-a-vendor.md: the kit has no ${word}`
    )
  ]
}

/** docs/reference/kit.md has a row for each export of the kit, types included, and no other. */
export function pageListsKit ({ read }: Repository): string[] {
  const exported = [...read('plugins/kit/index.ts').matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
    .flatMap(([, names = '']) => names.split(','))
    .map(name => name.trim().replace(/^type /, '')).filter(name => name !== '')
  const listed = rowsOf(read('docs/reference/kit.md')).map(([first = '']) => codesOf(first)[0])
    .filter(name => name !== undefined)
  return differences('the kit exports', ['plugins/kit/index.ts', exported], [
    'docs/reference/kit.md',
    listed
  ])
}

/** `explain` can give every reason that docs/guides/migration.md names. */
export function pageNamesReasons ({ files, read }: Repository): string[] {
  const known = new Set(
    files('plugins/**/*.ts').flatMap(path =>
      [...read(path).matchAll(/(?:code: |other\()'([a-z0-9-]+)'/g)].map(([, code = '']) => code)
    )
  )
  const rows = rowsOf(section(read('docs/guides/migration.md'), "From a vendor's Java")).slice(1)
  if (rows.length === 0) return ['docs/guides/migration.md: the table of mismatches is missing']
  return rows.flatMap(([, , codes = '']) => codesOf(codes)).filter(code => !known.has(code)).map(
    code => `docs/guides/migration.md: explain knows no ${code}`
  )
}

/** docs/internals/dependencies.md lists every dependency with its reason, and no other. */
export function pageListsDependencies ({ json, read }: Repository): string[] {
  const { dependencies, devDependencies, workspaces } = json('package.json') as {
    dependencies: Record<string, string>,
    devDependencies: Record<string, string>,
    workspaces: string[]
  }
  const own = [...Object.keys(dependencies), 'fastify-contact-center', 'simulators']
  const examples = workspaces.flatMap(folder => {
    const needs = json(`${folder}/package.json`) as Record<string, Record<string, string>>
    return Object.keys({ ...needs['dependencies'], ...needs['devDependencies'] })
  })
  const needed = new Set([
    ...Object.keys(devDependencies),
    ...examples.filter(name => !own.includes(name))
  ])
  const [users = '', repository = ''] = read('docs/internals/dependencies.md').split(
    '## What the repository needs'
  )
  const listed = (text: string): string[] =>
    rowsOf(text).filter(([, reason = '']) => reason.length >= 8).flatMap(([names = '']) =>
      codesOf(names)
    )
  const rows = listed(users + repository)
  return [
    ...rows.filter((name, at) => rows.indexOf(name) < at).map(name =>
      `docs/internals/dependencies.md: ${name} stands there twice`
    ),
    ...differences('dependency', ['package.json', Object.keys(dependencies)], [
      'docs/internals/dependencies.md',
      listed(users)
    ]),
    ...differences('development dependency', ['package.json', [...needed]], [
      'docs/internals/dependencies.md',
      listed(repository)
    ])
  ]
}
