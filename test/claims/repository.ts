import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { globSync } from 'tinyglobby'

/** A checkout, or a copy of one with a fault. */
export interface Repository {
  read(path: string): string
  json(path: string): unknown
  has(path: string): boolean
  /** Names in a folder; an empty list if the folder is missing. */
  list(folder: string): string[]
  /** Paths of files, sorted. */
  files(...globs: string[]): string[]
  import(path: string): Promise<unknown>
}

/** The faults that a check finds: one sentence each, which names the part. */
export type Check = (repository: Repository) => string[] | Promise<string[]>

export function repositoryAt (root: string): Repository {
  const read = (path: string): string =>
    existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : ''
  return {
    read,
    json: path => JSON.parse(read(path)),
    has: path => existsSync(join(root, path)),
    list: folder => existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [],
    files: (...globs) => globSync(globs, { cwd: root }).sort(),
    import: async path => await import(pathToFileURL(join(root, path)).href)
  }
}

/** The names that only one side has, as sentences. */
export function differences (
  what: string,
  here: [where: string, names: Iterable<string>],
  there: [where: string, names: Iterable<string>]
): string[] {
  const [ones, others] = [new Set(here[1]), new Set(there[1])]
  return [
    ...[...ones].filter(name => !others.has(name)).map(name =>
      `${what} ${name}: in ${here[0]}, but not in ${there[0]}`
    ),
    ...[...others].filter(name => !ones.has(name)).map(name =>
      `${what} ${name}: in ${there[0]}, but not in ${here[0]}`
    )
  ]
}

/** Rows of the tables in a part of a page, as cells. */
export function rowsOf (text: string): string[][] {
  return [...text.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) =>
    row.split(/(?<!\\)\|/).map(cell => cell.trim())
  ).filter(([first = '']) => !/^-*$/.test(first))
}

/** The inline code of a text. */
export function codesOf (text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}

/** A page from one heading of the second level to the next. */
export function section (page: string, heading: string): string {
  return new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, 'm').exec(page)?.[1] ?? ''
}
