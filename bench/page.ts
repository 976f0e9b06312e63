import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { barChart, lineChart } from './chart.ts'
import { growthTable } from './growth-chapter.ts'
import { falseAlarms } from './limits.ts'
import { machine } from './machine.ts'
import {
  paragraph,
  type Goal,
  type Line,
  type PageName,
  type Section,
  type Table
} from './report.ts'

/** When and where the figures were measured. */
interface Run {
  /** How long the whole run took. */
  readonly minutes: number
  /** The folder of the benchmarks' own package.json. */
  readonly bench: string
}

/** Writes a page for each kind of work that was measured, and the charts, into the folder. */
export function writePages (
  folder: string,
  sections: Readonly<Record<PageName, readonly Section[]>>,
  run: Run
): void {
  mkdirSync(folder, { recursive: true })
  const allSections = Object.values(sections).flat()
  const bars = allSections.flatMap(({ bars = [] }) => bars)
  const lines = allSections.flatMap(({ lines = [] }) => lines)
  const write = (name: string, blocks: readonly string[]): void =>
    writeFileSync(join(folder, name), blocks.join('\n\n') + '\n')
  if (bars.length > 0) writeFileSync(join(folder, 'benchmarks.svg'), barChart(bars))
  if (lines.length > 0) {
    const drawn = lines.filter(({ tableOnly = false }) => !tableOnly)
    writeFileSync(join(folder, 'benchmarks-growth.svg'), lineChart(drawn))
  }
  if (sections.plugins.length > 0) {
    write('benchmarks.md', [
      ...writeOpening(machine(run.bench), run.minutes),
      ...bars.length > 0 ? [barsPicture] : [],
      ...writeChapters(sections.plugins),
      ...guard
    ])
  }
  if (sections.service.length > 0) {
    write('benchmarks-service.md', [...serviceOpening, ...writeChapters(sections.service)])
  }
  if (lines.length > 0) {
    write('benchmarks-growth.md', [
      ...growthOpening,
      ...writeGrowth(lines),
      ...writeChapters(sections.growth)
    ])
  }
}

function writeOpening (machineLines: readonly string[], minutes: number): string[] {
  return [
    '# Benchmarks',
    paragraph(
      'These benchmarks compare a verified route with the same route without verification.',
      'They also compare it with the least correct code by hand, and with other libraries.',
      'Other pages measure [the service](benchmarks-service.md) and [cost as the work grows](benchmarks-growth.md).',
      '`npm run bench` writes these pages, their text included: do not edit them by hand.'
    ),
    [
      '```sh',
      'npm ci',
      'npm run bench                        # everything; writes these pages',
      'npm run bench -- --quick             # a few rounds, to try things out; prints only',
      'npm run bench -- --only verify,http  # some parts; prints only',
      'npm run bench:guard                  # finds large regressions',
      '```'
    ].join('\n'),
    paragraph(
      'The first run installs the peers into `bench/node_modules`; the project does not depend on them.',
      'The benchmarks measure the plugins compiled like the package.',
      'They use PostgreSQL and Redis if available.',
      `This run took ${minutes} minutes.`
    ),
    machineLines.map(line => `- ${line}`).join('\n'),
    paragraph(
      'Compare ratios, not microseconds.',
      'All contenders of a table took turns on the same machine in the same minutes.'
    )
  ]
}

const barsPicture =
  '![Server CPU for a request as a ratio to a route without verification: ours, recipes and peers](benchmarks.svg)'

const sameRun =
  'All figures are from the same run; [benchmarks](benchmarks.md) names the machine and the commands.'

const serviceOpening = [
  '# Benchmarks of the service',
  paragraph(
    'How much does the integration service cost beside the least that does the same work?',
    sameRun
  )
]

const growthOpening = [
  '# Cost as the work grows',
  paragraph(
    'Does a request stay cheap with larger bodies, more keys, more claims, or a larger store?',
    sameRun
  )
]

/** The chapters of a page, and what bounds the figures that miss their goals. */
function writeChapters (sections: readonly Section[]): string[] {
  return [...sections.flatMap(writeChapter), ...listMissedGoals(sections)]
}

function listMissedGoals (sections: readonly Section[]): string[] {
  const missed = sections.flatMap(({ goals = [] }) => goals).filter(({ met, bound }) =>
    !met && bound !== undefined
  )
  return missed.length === 0 ? [] : ['## What bounds what', listBounds(missed)]
}

/** One item for each reason, whichever goals share it. */
function listBounds (missed: readonly Goal[]): string {
  const reasons = new Map<string, Goal[]>()
  for (const goal of missed) {
    const { bound = '' } = goal
    reasons.set(bound, [...reasons.get(bound) ?? [], goal])
  }
  return Array.from(
    reasons,
    ([bound, goals]) => [
      `- ${bound}`,
      ...goals.map(({ work, measured }) => `  - ${work}: ${measured}`)
    ]
  ).flat().join('\n')
}

function writeChapter ({ title, text, tables, after = [] }: Section): string[] {
  return [
    `## ${title}`,
    ...text,
    ...tables.map(renderTable),
    ...after
  ]
}

function writeGrowth (lines: readonly Line[]): string[] {
  return [
    paragraph(
      'The exponent compares the last cost with the first: 0 is flat, 1 linear, 2 quadratic.',
      'Flat may reach 0.15 and linear 1.15, because caches are finite.',
      'Both axes of the picture are logarithmic; dashed lines should be flat.'
    ),
    renderTable(growthTable(lines)),
    '![Cost as the work grows, one line for each kind of work, relative to its smallest size](benchmarks-growth.svg)'
  ]
}

function renderTable ({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const { alarms, runs, where } = falseAlarms
const guard = [
  '## Guard against regressions',
  paragraph(
    '`npm run bench:guard` measures a few ratios, and fails if one exceeds its limit in `bench/limits.ts`.',
    'A work and its floor alternate in one process, in blocks of a fraction of a millisecond.',
    'A busy machine therefore slows both sides of a ratio.',
    `\`npm run bench:guard -- --runs ${runs}\` counts false alarms: on ${where}, ${alarms} of ${runs} runs.`,
    'Each run also repeats the work several times, and fails unless that exceeds the limit.',
    'The guard is not part of `npm test`.'
  )
]
