/** What a page is about. */
export type PageName = 'plugins' | 'service' | 'growth'

/** The result of one part of the benchmarks, a chapter of a page. */
export interface Section {
  readonly title: string
  /** Paragraphs before the tables: the method. */
  readonly text: readonly string[]
  readonly tables: readonly Table[]
  /** Paragraphs after the tables: the conclusions. */
  readonly after?: readonly string[]
  readonly goals?: readonly Goal[]
  readonly bars?: readonly Bar[]
  readonly lines?: readonly Line[]
}

export interface Table {
  readonly head: readonly string[]
  readonly rows: ReadonlyArray<readonly string[]>
}

/** A figure and its goal. */
export interface Goal {
  readonly work: string
  readonly goal: string
  readonly measured: string
  readonly met: boolean
  /** The reason if the goal is not met. */
  readonly bound?: string
}

/** One bar of the chart: a ratio to the bare route. */
export interface Bar {
  readonly name: string
  readonly value: number
  readonly kind: Kind
}

export type Kind = 'bare' | 'ours' | 'peer' | 'recipe'

/** A cost as the work grows. */
export interface Line {
  readonly name: string
  readonly unit: string
  /** The expected growth. */
  readonly shape: 'flat' | 'linear'
  /** Left out of the chart, which has room for one line of a kind. */
  readonly tableOnly?: boolean
  /** The reason for the growth, in a few words. */
  readonly why: string
  readonly points: ReadonlyArray<readonly [size: number, cost: number]>
}

export interface Part {
  readonly name: string
  run(options: Options): Promise<Section>
}

export interface Options {
  /** A few rounds only, to try things out: the figures are rough. */
  readonly quick: boolean
}

/** One sentence per line, for readable diffs of the page. */
export function paragraph (...sentences: readonly string[]): string {
  return sentences.join('\n')
}
