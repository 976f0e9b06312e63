// Prints the mutants in the reports that no test detects and no reason covers.
// node qa/mutation/survivors.mjs
import { readdirSync, readFileSync } from 'node:fs'
const folder = new URL('report/', import.meta.url)
const { reasons } = JSON.parse(readFileSync(new URL('survivors.json', import.meta.url), 'utf8'))
const used = new Set()
const rows = []
let unexplained = 0

for (
  const name of readdirSync(folder).filter(name =>
    name.endsWith('.json') && !name.includes('incremental')
  ).sort()
) {
  const { files } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
  const counts = { killed: 0, survived: 0, ignored: 0 }
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split('\n')
    for (const { status, mutatorName, replacement = '', location: { start, end } } of mutants) {
      if (status === 'Ignored') counts.ignored++
      if (status === 'Killed' || status === 'Timeout') counts.killed++
      if (status !== 'Survived' && status !== 'NoCoverage') continue
      counts.survived++
      const text = lines[start.line - 1]
      const before = text.slice(0, start.column - 1).trimStart()
      const from = text.slice(
        start.column - 1,
        end.line === start.line ? end.column - 1 : undefined
      )
      const matches = reasons.filter(reason =>
        covers(reason, { file, mutator: mutatorName, before, from, to: replacement })
      )
      for (const reason of matches) used.add(reason)
      if (matches.length > 0) continue
      unexplained++
      console.log(
        `${file}:${start.line}:${start.column} ${mutatorName}\n  ${text.trim()}\n  ${from}\n  => ${replacement}`
      )
    }
  }
  const { killed, survived, ignored } = counts
  rows.push(
    `| ${name.replace('.json', '')} | ${killed + survived} | ${killed} | ${
      (100 * killed / (killed + survived)).toFixed(1)
    } % | ${survived} | ${ignored} |`
  )
}

/**
 * A reason matches mutants by file, kind, the text before them on their line, the replaced text
 * (first line) and the replacement. Omitted fields match anything. All but file and kind are
 * patterns.
 */
function covers ({ file, mutator, ...patterns }, mutant) {
  return (file === undefined || mutant.file.endsWith(file)) &&
    (mutator === undefined || mutator.includes(mutant.mutator)) &&
    ['before', 'from', 'to'].every(part =>
      patterns[part] === undefined || new RegExp(patterns[part]).test(mutant[part])
    )
}

console.log(
  '| folder | mutants | noticed | score | survived | not made |\n| --- | --- | --- | --- | --- | --- |'
)
for (const row of rows) console.log(row)
const unusedReasons = reasons.filter(reason => !used.has(reason))
for (const reason of unusedReasons) {
  console.log(`no mutant survived for this reason: ${reason.why}`)
}
console.log(`${unexplained} survived without a reason, ${unusedReasons.length} unused reasons`)
process.exitCode = unexplained > 0 ? 1 : 0
