/** What one part of the benchmarks has to say. */
export interface Section {
  readonly title: string
  /** Paragraphs before the tables: what was measured, and how. */
  readonly text: readonly string[]
  readonly tables: readonly Table[]
  /** Paragraphs after them: what they say. */
  readonly after?: readonly string[]
  readonly goals?: readonly Goal[]
  readonly bars?: readonly Bar[]
  readonly lines?: readonly Line[]
}

export interface Table {
  readonly head: readonly string[]
  readonly rows: ReadonlyArray<readonly string[]>
}

/** A figure beside what it should be. */
export interface Goal {
  readonly work: string
  readonly goal: string
  readonly measured: string
  readonly met: boolean
  /** What bounds it, where it is not met. */
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
  /** How it should grow. */
  readonly shape: 'flat' | 'linear'
  /** Stands in the table alone: the picture has room for one of a kind. */
  readonly tableOnly?: boolean
  /** Why it grows so, in a few words. */
  readonly why: string
  readonly points: ReadonlyArray<readonly [size: number, cost: number]>
}

export interface Part {
  readonly name: string
  run(options: Options): Promise<Section>
}

export interface Options {
  /** Few rounds, for trying out: the figures are not worth much. */
  readonly quick: boolean
}
