import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { scheme } from 'fastify-contact-center/contiple'
import t from 'tap'
import { childEnv } from '../../test/helper.ts'

const key = 'a-key-for-this-page-only'
const pages = ['reference/cli', 'start/why-does-it-not-match']

/** A request signed over another spelling of its body. */
const request = [
  'POST /contiple/customer HTTP/1.1',
  'Content-Type: application/json',
  'X-TC-Timestamp: 1660095873001',
  `Authorization: ${scheme.sign({ body: '{"callNum": "1"}', timestamp: '1660095873001' }, key)}`,
  '',
  '{"callNum":"1"}'
].join('\r\n')

for (const name of pages) {
  t.test(`every command of docs/${name}.md prints what the page says`, async t => {
    const page = readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8')
    const cwd = t.testdir({ 'refused.http': request })
    const commands = [...page.matchAll(/^```console\n([^]*?)^```$/gm)].map(([, session = '']) =>
      session
    )
      .join('').split(/^\$ /m).slice(1).map(block => {
        const end = block.indexOf('\n')
        return { command: block.slice(0, end), output: block.slice(end + 1) }
      })
    const cli = `"${process.execPath}" --import=${
      import.meta.resolve('tsx')
    } --conditions=fastify-contact-center-source "${
      fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
    }"`
    const separator = '=== the next command ==='
    const script = [
      `npx () { shift; ${cli} "$@" 2>&1; }`,
      // Saves the exit code, which printing the mark would overwrite.
      ...commands.map(({ command }) =>
        `${command.replace('$?', '$code')}\ncode=$?\nprintf '%s' '${separator}'`
      )
    ].join('\n')
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
      cwd,
      input: `${key}\n`,
      encoding: 'utf8',
      env: childEnv
    })
    t.equal(stderr, '')
    t.ok(commands.length > 4)
    const printed = withoutCount(stdout).replaceAll('\r', '').split(separator)
    commands.forEach(({ command, output }, index) =>
      t.equal(printed[index]?.trimEnd(), withoutCount(output).trimEnd(), command)
    )
  })
}

/** Removes the number of tried mistakes, which may change. */
function withoutCount (output: string): string {
  return output.replaceAll(/("?tried"?: ?)[0-9]+/g, '$1…')
}
