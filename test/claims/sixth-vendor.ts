import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Copy } from './copy.ts'

const renamed = (text: string): string =>
  text.replaceAll('contiple', 'acme').replaceAll('Contiple', 'Acme').replaceAll('CONTIPLE', 'ACME')

const perVendor = [
  'plugins/contiple',
  'docs/contiple.md',
  'test/contiple',
  'test/vectors/contiple.json',
  'test/contract/contiple.ts',
  'examples/contiple.ts',
  'test/examples/contiple.test.ts',
  'examples/simulators/contiple',
  'test/simulators/contiple.test.ts'
]

/** Adds a vendor as adding-a-vendor.md says: Contiple once more, under another name. */
export function addVendor ({ folder, write, read }: Copy): void {
  for (const file of perVendor.flatMap(path => filesIn(folder, path))) {
    write(renamed(file), renamed(read(file)))
  }
  write('plugins/index.ts', read('plugins/index.ts').replace("'contiple'", "'contiple', 'acme'"))
  const manifest = JSON.parse(read('package.json')) as { exports: Record<string, object> }
  manifest.exports['./acme'] = JSON.parse(
    renamed(JSON.stringify(manifest.exports['./contiple']))
  ) as object
  write('package.json', JSON.stringify(manifest))
  const readme = read('README.md')
  const row = /^\| \[NHN Contiple\].*\n/m.exec(readme)?.[0] ?? ''
  write(
    'README.md',
    readme.replace(row, () => row + renamed(row)).replace(
      '[contiple](examples/contiple.ts)',
      all => `${all}, ${renamed(all)}`
    )
  )
}

function filesIn (folder: string, path: string): string[] {
  if (statSync(join(folder, path)).isFile()) return [path]
  return readdirSync(join(folder, path), { recursive: true, encoding: 'utf8' }).map(name =>
    `${path}/${name}`
  ).filter(file => statSync(join(folder, file)).isFile())
}

const without = (path: string) => ({ remove }: Copy): void => remove(path)

/** What the complaint must say, and how to forget that piece. */
export const pieces: Record<string, (copy: Copy) => void> = {
  ...Object.fromEntries([
    ...['index', 'scheme', 'schemas', 'diagnosis'].map(name => `plugins/acme/${name}.ts`),
    'docs/acme.md',
    'test/vectors/acme.json',
    'test/contract/acme.ts',
    'examples/acme.ts',
    'test/examples/acme.test.ts',
    'examples/simulators/acme/app.ts',
    'test/simulators/acme.test.ts'
  ].map(path => [`acme: ${path} is missing`, without(path)])),
  'acme: test/acme/ has no tests': without('test/acme'),
  'acme: exports of package.json lack ./acme': ({ write, read }) => {
    const manifest = JSON.parse(read('package.json')) as { exports: Record<string, object> }
    delete manifest.exports['./acme']
    write('package.json', JSON.stringify(manifest))
  },
  'vendor acme: in plugins/, but not in the list of plugins/index.ts': ({ write, read }) =>
    write('plugins/index.ts', read('plugins/index.ts').replace(", 'acme'", '')),
  "vendor acme: in plugins/, but not in README's table of vendors": ({ write, read }) =>
    write('README.md', read('README.md').replace(/^\| \[NHN Acme\].*\n/m, '')),
  'acme: README.md has no link to its example': ({ write, read }) =>
    write('README.md', read('README.md').replace('[acme](examples/acme.ts)', '')),
  'acme: test/vectors/acme.json holds no vectors': ({ write }) =>
    write('test/vectors/acme.json', '{"vectors":[]}'),
  'option strict: in the plugin acme, but not in docs/acme.md': ({ write, read }) =>
    write('docs/acme.md', read('docs/acme.md').replace(/^\| `strict` .*\n/m, '')),
  'acme: diagnosis and createDiagnosis are not exported': ({ write, read }) =>
    write(
      'plugins/acme/index.ts',
      read('plugins/acme/index.ts').replace(/^export .* from '.\/diagnosis.ts'\n/m, '')
    )
}
