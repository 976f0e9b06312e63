// Parses the repository's Markdown pages.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { globSync } from 'tinyglobby'

export const root = resolve(import.meta.dirname, '..')

export interface Block {
  code: string
  runs: boolean
  /** The offset in the page. */
  line: number
}

export interface Page {
  headings: Array<{ level: number, text: string }>
  /** The TypeScript blocks, in order. */
  blocks: Block[]
  commonJs: string[]
  /** Everything outside code blocks. */
  prose: string
}

function parse (markdown: string): Page {
  const page: Page = { headings: [], blocks: [], commonJs: [], prose: '' }
  let open: { lines: string[], info: string, line: number } | undefined
  for (const [at, line] of markdown.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (fence === null) {
      if (open !== undefined) open.lines.push(line)
      else page.prose += line + '\n'
      const [, marks = '', text = ''] = open === undefined ? /^(#+) (.*)$/.exec(line) ?? [] : []
      if (text !== '') page.headings.push({ level: marks.length, text })
    } else if (open === undefined) {
      open = { lines: [], info: (fence[1] ?? '').trim(), line: at + 1 }
    } else {
      const { lines, info, line: start } = open
      if (info === 'ts' || info === 'ts no-run') {
        page.blocks.push({ code: lines.join('\n') + '\n', runs: info === 'ts', line: start })
      }
      if (info === 'js') page.commonJs.push(lines.join('\n'))
      open = undefined
    }
  }
  return page
}

export const pages = new Map(
  globSync([
    'README.md',
    'docs/**/*.md',
    'examples/**/*.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md'
  ], { cwd: root }).sort().map(path => [path, parse(readFileSync(join(root, path), 'utf8'))])
)
