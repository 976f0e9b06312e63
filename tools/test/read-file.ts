import { inspect } from 'node:util'
import { Parser, type Result } from 'tap-parser'

export interface Failure {
  /** The names of the enclosing tests and of the assertion. */
  name: string
  /** tap's details: location, actual value, expected value. */
  details: string
}

/** Parses the output of one test file. */
export class FileReader {
  readonly #parser = new Parser()
  readonly #failures: Failure[] = []
  #passed = 0
  #skipped = 0

  constructor () {
    this.#listen(this.#parser, [])
  }

  read (chunk: Buffer): void {
    this.#parser.write(chunk)
  }

  /** @param exitReason how the process ended, null for success; @param stderr its stderr */
  end (exitReason: string | null, stderr: string): {
    passed: number,
    skipped: number,
    failures: Failure[]
  } {
    this.#parser.end()
    // Failures outside assertions: a crash, a leak caught by the tripwire, or no tests.
    if (this.#failures.length === 0 && (exitReason !== null || this.#seen === 0)) {
      this.#failures.push({ name: exitReason ?? 'no test ran', details: stderr })
    }
    return { passed: this.#passed, skipped: this.#skipped, failures: this.#failures }
  }

  get #seen (): number {
    return this.#passed + this.#skipped + this.#failures.length
  }

  /** Counts assertions, not the tests that contain them. */
  #listen (parser: Parser, parents: readonly string[]): void {
    let lastChild: { count: number, failed: number } | undefined
    parser.on('child', (child: Parser) => {
      lastChild = { count: this.#seen, failed: this.#failures.length }
      this.#listen(child, [...parents, child.name])
    })
    parser.on('assert', (result: Result) => {
      // The closing point of a test repeats its content, if any.
      const repeats = lastChild !== undefined &&
        (result.ok ? this.#seen > lastChild.count : this.#failures.length > lastChild.failed)
      lastChild = undefined
      if (repeats) return
      if (result.skip !== false || result.todo !== false) this.#skipped++
      else if (result.ok) this.#passed++
      else this.#failures.push({ name: nameOf(parents, result), details: detailsOf(result.diag) })
    })
  }
}

function nameOf (parents: readonly string[], { name }: Result): string {
  return [...parents, name].filter(part => part !== '').join(' › ')
}

function detailsOf (diag: unknown): string {
  if (diag === null || typeof diag !== 'object') return ''
  return Object.entries(diag)
    .filter(([key]) => key !== 'at')
    .map(([key, value]) => `${key}: ${textOf(value)}`)
    .join('\n')
}

function textOf (value: unknown): string {
  // Not JSON, which has no `undefined` and no circular references.
  const text = typeof value === 'string'
    ? value.trimEnd()
    : inspect(value, { breakLength: Infinity, compact: true, depth: null })
  return text.includes('\n') ? `\n${text.replaceAll(/^/gm, '  ')}` : text
}
