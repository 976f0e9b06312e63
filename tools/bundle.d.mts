import type { Metafile } from 'esbuild'

export function bundle (options: {
  readonly entryPoints: string[]
  readonly outbase: string
  readonly outdir: string
  /** Whether code that programs share, or load when needed, gets files of its own. */
  readonly splitting: boolean
  /** The expression for `import.meta.url` of a module that uses it. */
  readonly urlOf: (path: string) => string
}): Promise<Metafile>
