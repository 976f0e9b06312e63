// Prints the mutants of the reports that no test noticed and no reason is written for.
// node test/mutation/survivors.mjs
import { readdirSync, readFileSync } from 'node:fs'
const folder = new URL('report/', import.meta.url)
const { reasons } = JSON.parse(readFileSync(new URL('survivors.json', import.meta.url), 'utf8'))
const used = new Set()
const rows = []
let without = 0

for (const name of readdirSync(folder).filter(name => name.endsWith('.json') && !name.includes('incremental')).sort()) {
  const { files } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
  const counts = { killed: 0, survived: 0, ignored: 0 }
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split('\n')
    for (const { status, mutatorName, replacement = '', location: { start } } of mutants) {
      if (status === 'Ignored') counts.ignored++
      if (status === 'Killed' || status === 'Timeout') counts.killed++
      if (status !== 'Survived' && status !== 'NoCoverage') continue
      counts.survived++
      const line = lines[start.line - 1].trim()
      const reason = reasons.find(one => covers(one, file, mutatorName, line, replacement))
      if (reason !== undefined) used.add(reason)
      else without++
      if (reason === undefined) console.log(`${file}:${start.line}:${start.column} ${mutatorName}\n  ${line}\n  => ${replacement}`)
    }
  }
  const { killed, survived, ignored } = counts
  rows.push(`| ${name.replace('.json', '')} | ${killed + survived} | ${killed} | ${(100 * killed / (killed + survived)).toFixed(1)} % | ${survived} | ${ignored} |`)
}

/** A reason covers mutants by file, kind, what the line holds, and what the mutant puts there; what it does not name is any. */
function covers ({ file, mutator, line, to }, inFile, kind, text, replacement) {
  return (file === undefined || inFile.endsWith(file)) && (mutator === undefined || mutator.includes(kind)) &&
    (line === undefined || new RegExp(line).test(text)) && (to === undefined || new RegExp(to).test(replacement))
}

console.log('| folder | mutants | noticed | score | survived | not made |\n| --- | --- | --- | --- | --- | --- |')
for (const row of rows) console.log(row)
const stale = reasons.filter(one => !used.has(one))
for (const one of stale) console.log(`nothing has survived for the reason: ${one.why}`)
console.log(`${without} survived without a reason, ${stale.length} reasons for nothing`)
process.exitCode = without > 0 ? 1 : 0
