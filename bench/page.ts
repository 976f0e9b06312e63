import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { barChart, lineChart } from './chart.ts'
import { growthTable } from './growth-chapter.ts'
import { machine } from './machine.ts'
import type { Goal, Line, Section, Table } from './report.ts'

/**
 * Writes benchmarks.md and its charts into the folder. `bench` is where the benchmarks' own
 * package.json lies.
 */
export function writePage (
  folder: string,
  sections: readonly Section[],
  { minutes, bench }: { minutes: number, bench: string }
): void {
  mkdirSync(folder, { recursive: true })
  const bars = sections.flatMap(({ bars = [] }) => bars)
  const lines = sections.flatMap(({ lines = [] }) => lines)
  if (bars.length > 0) writeFileSync(join(folder, 'benchmarks.svg'), barChart(bars))
  if (lines.length > 0) {
    writeFileSync(
      join(folder, 'benchmarks-growth.svg'),
      lineChart(lines.filter(({ tableOnly = false }) => !tableOnly))
    )
  }
  const text = [
    ...opening(machine(bench), minutes),
    ...goals(sections),
    ...bars.length > 0
      ? [
        '![Server CPU for a request as a ratio to a route without verification: ours, recipes and peers](benchmarks.svg)'
      ]
      : [],
    ...sections.flatMap(chapter),
    ...lines.length > 0 ? growth(lines) : [],
    ...guard
  ].join('\n\n') + '\n'
  writeFileSync(join(folder, 'benchmarks.md'), text)
}

function opening (where: readonly string[], minutes: number): string[] {
  return [
    '# Benchmarks',
    'What verification costs, beside the same route without it and beside others that verify. This page is written by `npm run bench`, prose and all; do not edit it by hand.',
    '```sh\nnpm ci\nnpm run bench                        # all of it; writes this page\nnpm run bench -- --quick             # few rounds, to try out; prints only\nnpm run bench -- --only verify,http  # some parts; prints only\nnpm run bench:guard                  # is anything much slower than it was?\n```',
    `The first run installs the peers into \`bench/node_modules\`; the project itself does not depend on them. It compiles the plugins as the package is compiled, and measures that. PostgreSQL and Redis are used where they answer. This run took ${minutes} minutes.`,
    where.map(line => `- ${line}`).join('\n'),
    'Compare ratios, not microseconds: whatever is compared ran in turns on the same machine in the same minutes.'
  ]
}

function goals (sections: readonly Section[]): string[] {
  const all = sections.flatMap(({ goals = [] }) => goals)
  const missed = all.filter(({ met }) => !met)
  const row = (
    { work, goal, measured, met }: Goal
  ): string[] => [work, goal, measured, met ? 'met' : '**not met**']
  return [
    '## Goals',
    markdown({ head: ['work', 'goal', 'measured', ''], rows: all.map(row) }),
    `${all.length - missed.length} of ${all.length} are met.${
      missed.length > 0 ? ' What bounds the others:' : ''
    }`,
    ...missed.length > 0 ? [bounds(missed)] : []
  ]
}

/** One item for each reason, whichever goals share it. */
function bounds (missed: readonly Goal[]): string {
  const reasons = new Map<string, Goal[]>()
  for (const goal of missed) {
    const { bound = 'Not looked into yet.' } = goal
    reasons.set(bound, [...reasons.get(bound) ?? [], goal])
  }
  return Array.from(
    reasons,
    ([bound, goals]) =>
      `- ${goals.map(({ work, measured }) => `${work} (${measured})`).join('; ')}: ${bound}`
  ).join('\n')
}

function chapter ({ title, text, tables, after = [] }: Section): string[] {
  return [
    `## ${title}`,
    ...text,
    ...tables.map(markdown),
    ...after
  ]
}

function growth (lines: readonly Line[]): string[] {
  return [
    '## Cost as the work grows',
    'The exponent is that of the last cost to the first: 0 is flat, 1 linear, 2 quadratic. Flat may reach 0.15 and linear 1.15, because caches are of finite size. In the picture both axes are logarithmic, and what should be flat is dashed.',
    markdown(growthTable(lines)),
    '![Cost as the work grows, one line for each kind of work, relative to its smallest size](benchmarks-growth.svg)'
  ]
}

function markdown ({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const guard = [
  '## Guard against regressions',
  '`npm run bench:guard` measures a few ratios, ours to the floor or to the bare route in the same run, compares them with the table in `bench/limits.ts`, and fails where one is exceeded. The limits leave room for a noisy machine. In each run it also measures the same work done several times over, and fails unless that exceeds the limits. It is no part of `npm test`: a test that fails when a machine is busy gets ignored.'
]
