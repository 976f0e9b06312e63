import { renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { scheme } from 'fastify-contact-center/contiple'
import t from 'tap'
import { startExample } from '../../test/helper.ts'

t.test('examples/keys-from-file.ts takes new keys without a restart, and keeps the old ones when the file is broken', async t => {
  const november = { id: '2026-11', secret: 'the-key-of-november' }
  const december = { id: '2026-12', secret: 'the-key-of-december' }
  const path = `${t.testdir({ 'keys.json': JSON.stringify([november]) })}/keys.json`
  const url = await startExample(t, 'keys-from-file', {
    CONTIPLE_KEYS_FILE: path,
    CONTIPLE_KEYS_POLL_MS: '20'
  })

  const lookUp = async ({ secret }: { secret: string }) => {
    const body = JSON.stringify({ callNum: '1' })
    const timestamp = String(Date.now())
    const headers = {
      'content-type': 'application/json',
      authorization: scheme.sign({ body, timestamp }, secret),
      'x-tc-timestamp': timestamp
    }
    return (await fetch(`${url}/contiple/customer`, { method: 'POST', headers, body })).status
  }
  const awaitStatus = async (key: { secret: string }, status: number) => {
    for (let i = 0; i < 200 && await lookUp(key) !== status; i++) await wait(20)
    return await lookUp(key)
  }

  t.same([await lookUp(november), await lookUp(december)], [200, 403])
  writeFileSync(`${path}.new`, JSON.stringify([november, december]))
  renameSync(`${path}.new`, path)
  t.equal(await awaitStatus(december, 200), 200, 'a file put in its place')
  t.equal(await lookUp(november), 200, 'both verify')

  for (const broken of ['[', '[]', '[{"id":"x","secret":"short"}]', 'null']) {
    writeFileSync(path, broken)
    await wait(100)
    t.same([await lookUp(november), await lookUp(december)], [200, 200], `a broken file: ${broken}`)
  }
  unlinkSync(path)
  await wait(100)
  t.equal(await lookUp(december), 200, 'no file')

  writeFileSync(path, JSON.stringify([december]))
  t.equal(await awaitStatus(november, 403), 403, 'written again without the old key')
  t.equal(await lookUp(december), 200)
})
