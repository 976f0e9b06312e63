import type { Repository } from './repository.ts'

type Exports = Record<string, Record<string, string> | string>

/** Every export, and every entry of `files`, leads to a file; every plugin's folder is exported. */
export function exportsLeadSomewhere ({ has, json, list }: Repository): string[] {
  const { exports, files } = json('package.json') as { exports: Exports, files: string[] }
  const sources = Object.values(exports).map(target =>
    typeof target === 'string' ? target : target['fastify-contact-center-source'] ?? ''
  )
  return [
    ...sources.filter(path => !path.includes('*') && (path === '' || !has(path))).map(path =>
      `exports: ${path} is no file`
    ),
    ...files.filter(path => path !== 'dist' && !path.startsWith('!') && !has(path)).map(path =>
      `files: ${path} is not there`
    ),
    ...list('plugins').filter(name => !name.endsWith('.ts') && exports[`./${name}`] === undefined)
      .map(name => `exports: plugins/${name} is not exported`)
  ]
}

/** Scripts behind an npm command, which combine the other examples. */
const commands = ['start.ts', 'tour.ts', 'lab.ts']

/** Examples are started by a test, and in the README. */
export function examplesAreShown ({ has, list, read }: Repository): string[] {
  return list('examples').filter(name => name.endsWith('.ts') && !commands.includes(name)).flatMap(
    name => [
      ...has(`qa/examples/${name.replace('.ts', '.test.ts')}`) ||
          new RegExp(`^ {2}'?${name.replace('.ts', '')}'?: `, 'm')
            .test(read('qa/lab/examples.test.ts'))
        ? []
        : [`examples/${name} has no test`],
      ...read('README.md').includes(`(examples/${name})`)
        ? []
        : [`examples/${name} is not in README.md`]
    ]
  )
}
