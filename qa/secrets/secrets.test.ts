import { spawnSync } from 'node:child_process'
import t from 'tap'
import { childEnv, fromSource } from '../../test/helper.ts'

const tripwire = './qa/secrets/tripwire.mjs'

interface Leak {
  sink: string
  sort: string
  where: string
  excerpt: string
}

function plant (...args: string[]): { status: number | null, leaks: Leak[] } {
  const { NODE_OPTIONS: _, TRIPWIRE_REPORT: __, ...env } = childEnv
  const { status, stderr } = spawnSync(process.execPath, [
    `--import=${tripwire}`,
    ...fromSource,
    'qa/secrets/planted.ts',
    ...args
  ], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
    env
  })
  return {
    status,
    leaks: stderr.split('\n').filter(line => line.startsWith('{"sink"')).map(line =>
      JSON.parse(line) as Leak
    )
  }
}

t.test('the tripwire watches every test, and the processes that it starts', async t => {
  t.ok(process.execArgv.some(argument => argument.endsWith(tripwire)), 'the runner loads it')
  t.match(childEnv.NODE_OPTIONS, /--import=.*\/secrets\/tripwire\.mjs/)
})

t.test('the tripwire finds each kind of leak in each place', async t => {
  const { status, leaks } = plant()
  t.equal(status, 1)
  const expectedCounts = { secret: 2, MAC: 2, 'signed text': 1, 'signed URL': 1, 'phone number': 1 }
  const countLeaks = (sink: string, where = ''): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (const leak of leaks) {
      if (leak.sink === sink && leak.where.includes(where)) {
        counts[leak.sort] = (counts[leak.sort] ?? 0) + 1
      }
    }
    return counts
  }
  t.strictSame(countLeaks('log', '"a line"'), expectedCounts, 'a line of a log')
  t.strictSame(
    countLeaks('log', 'nobody would have written'),
    expectedCounts,
    'a line that an app without a logger would have written'
  )
  t.strictSame(countLeaks('refusal'), expectedCounts, 'a refusal')
  t.strictSame(countLeaks('metric'), expectedCounts, 'a metric')
  t.strictSame(countLeaks('event'), expectedCounts, 'an event')
  t.strictSame(countLeaks('error', 'RangeError'), expectedCounts, 'a property of an error')
  t.ok(
    leaks.some(({ sink, where, sort }) =>
      sink === 'error' && where === 'Error' && sort === 'secret'
    ),
    'the cause of an error'
  )
  const inReplies = { secret: 2, 'expected MAC': 2 }
  t.strictSame(
    countLeaks('reply', '/reply'),
    inReplies,
    "a reply may give a customer's number, but not a secret, nor what a forger failed to make"
  )
  t.strictSame(countLeaks('reply', '/header'), inReplies, 'the headers of a reply')
})

t.test('the tripwire finds nothing in clean output', async t => {
  t.strictSame(plant('nothing'), { status: 0, leaks: [] })
})

t.test('a leak of a child process fails its test', async t => {
  const { status, leaks } = plant('child')
  t.equal(status, 1)
  t.ok(leaks.length > 20)
})
