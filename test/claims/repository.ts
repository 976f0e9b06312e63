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
  label: string,
  left: [where: string, names: Iterable<string>],
  right: [where: string, names: Iterable<string>]
): string[] {
  const [leftNames, rightNames] = [new Set(left[1]), new Set(right[1])]
  return [
    ...[...leftNames].filter(name => !rightNames.has(name)).map(name =>
      `${label} ${name}: in ${left[0]}, but not in ${right[0]}`
    ),
    ...[...rightNames].filter(name => !leftNames.has(name)).map(name =>
      `${label} ${name}: in ${right[0]}, but not in ${left[0]}`
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
