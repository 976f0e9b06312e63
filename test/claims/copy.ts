import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Check, repositoryAt } from './repository.ts'

/** A copy of the repository to break something in. */
export interface Copy {
  readonly folder: string
  read(path: string): string
  write(path: string, text: string): void
  remove(path: string): void
  destroy(): void
}

const left = [
  'node_modules',
  'dist',
  'coverage',
  'data',
  'bench',
  'fuzz',
  'mutation',
  'java',
  'integration-service',
  'lab',
  'browser',
  'chaos',
  'public'
]

/**
 * Its files are links, so that modules are loaded once for all copies: Node goes by where a
 * link leads. A plugin's folder in which something changes becomes a real one.
 */
function copyOf (root: string): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'claims-'))
  const inCopy = (path: string): string => join(folder, path)
  link('.')
  symlinkSync(join(root, 'node_modules'), inCopy('node_modules'))

  function link (path: string): void {
    mkdirSync(inCopy(path), { recursive: true })
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const inner = join(path, entry.name)
      // A name that is left out may be a link, too: to the node_modules of another checkout.
      if (left.includes(entry.name) && inner !== 'examples/integration-service') continue
      if (!entry.isDirectory()) symlinkSync(join(root, inner), inCopy(inner))
      else if (!entry.name.startsWith('.')) link(inner)
    }
  }

  function put (path: string, text: string): void {
    mkdirSync(dirname(inCopy(path)), { recursive: true })
    rmSync(inCopy(path), { force: true })
    writeFileSync(inCopy(path), text)
  }

  function makeReal (path: string): void {
    const within = /^plugins\/[^/]+(?=\/)/.exec(path)?.[0]
    if (within === undefined) return
    for (const name of readdirSync(inCopy(within))) {
      const file = join(within, name)
      if (lstatSync(inCopy(file)).isSymbolicLink()) put(file, readFileSync(inCopy(file), 'utf8'))
    }
  }

  return {
    folder,
    read: repositoryAt(folder).read,
    write (path, text) {
      put(path, text)
      makeReal(path)
    },
    remove: path => rmSync(inCopy(path), { recursive: true }),
    destroy: () => rmSync(folder, { recursive: true })
  }
}

/** What the first check that finds something finds in a copy of this repository after a change. */
export async function problemsAfter (
  root: string,
  change: (copy: Copy) => void,
  some: Check[]
): Promise<string> {
  const copy = copyOf(root)
  try {
    change(copy)
    const found: string[] = []
    // Those that follow cost more: they load modules.
    for (const check of some) {
      found.push(...await check(repositoryAt(copy.folder)))
      if (found.length > 0) break
    }
    return found.join('\n')
  } finally {
    copy.destroy()
  }
}
