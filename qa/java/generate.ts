// Updates test/vectors/*.json with the Java reference's results for ./inputs.ts. Keeps all other
// entries.
//   node --import=tsx qa/java/generate.ts [vendor…]
import { readFileSync, writeFileSync } from 'node:fs'
import type { Vector } from '../../test/helper.ts'
import { inputs } from './inputs.ts'
import { askReference, whyNoJava } from './run.ts'

const reason = whyNoJava()
if (reason !== undefined) throw new Error(`the reference cannot run: ${reason}`)

const only = process.argv.slice(2)
for (const [vendor, { secret, inputs: cases }] of Object.entries(inputs)) {
  if (only.length > 0 && !only.includes(vendor)) continue
  const questions = cases.map(testCase => ({ vendor, options: {}, secret, ...testCase }))
  const vectors: Array<Vector<unknown>> = []
  for await (
    const { question: { name, options, input, secret }, message, signature } of askReference(
      questions
    )
  ) {
    vectors.push({
      name,
      source: 'reference',
      options,
      input,
      secret,
      ...message !== null && { message },
      signature
    })
  }
  const file = new URL(`../../test/vectors/${vendor}.json`, import.meta.url)
  const keptVectors =
    (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Array<Vector<unknown>> })
      .vectors.filter(vector => vector.source !== 'reference')
  writeFileSync(file, print(vendor, [...keptVectors, ...vectors]))
  console.log(`${vendor}: ${vectors.length} by the reference, ${keptVectors.length} others`)
}

/** JSON with one line per part, for readable diffs. */
function print (vendor: string, vectors: Array<Vector<unknown>>): string {
  const entries = vectors.map(vector => {
    const parts = Object.entries(vector).map(([name, value]) => `      "${name}": ${inline(value)}`)
    return `    {\n${parts.join(',\n')}\n    }`
  })
  return `{\n  "vendor": "${vendor}",\n  "vectors": [\n${entries.join(',\n')}\n  ]\n}\n`
}

function inline (value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return visible(JSON.stringify(value))
  const fields = Object.entries(value).map(([name, field]) =>
    `${visible(JSON.stringify(name))}: ${inline(field)}`
  )
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

/** Escapes characters that editors hide or change. */
function visible (json: string): string {
  return json.replace(
    /(?! )[\p{C}\p{Z}\p{M}]/gu,
    character =>
      Array.from(
        { length: character.length },
        (_, i) => '\\u' + character.charCodeAt(i).toString(16).padStart(4, '0')
      ).join('')
  )
}
