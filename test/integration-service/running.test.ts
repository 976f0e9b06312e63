import { readFileSync } from 'node:fs'
import t from 'tap'
import { Settings } from '../../examples/integration-service/config.ts'
import { removeOlderThan } from '../../examples/integration-service/store/retention.ts'
import { onEachStore, openPatientStore, service, sqliteUrl } from './helper.ts'

onEachStore(t, 'retention removes only old rows, in batches', async (t, url) => {
  const store = await openPatientStore(url)
  t.after(() => store.close())
  const day = 24 * 60 * 60 * 1000
  const now = 400 * day
  const call = (serial: string, at: number) => ({
    call_serial_no: serial,
    stage: 3,
    created_at: at,
    released_at: at
  })
  await store.commit(async ({ db, publish }) => {
    for (let number = 0; number < 1100; number++) {
      const serial = `old-${number}`
      await db.insertInto('calls').values(call(serial, 9 * day) as never).execute()
      publish('call.released', { callSerialNo: serial })
    }
    await db.insertInto('calls').values(call('new', 350 * day) as never).execute()
    await db.insertInto('call_callbacks').values([
      { call_serial_no: 'old-1', kind: 'released', body: '{}', received_at: 9 * day },
      { call_serial_no: 'new', kind: 'released', body: '{}', received_at: 350 * day }
    ]).execute()
  })
  const serials = async (table: 'calls' | 'call_callbacks') =>
    (await store.read(db => db.selectFrom(table).select('call_serial_no').execute()))
      .map(row => row.call_serial_no)

  t.equal(await removeOlderThan(store, now - 365 * day, () => true), 0, 'stopped')
  t.equal(await removeOlderThan(store, now - 365 * day), 1100)
  t.strictSame(await serials('calls'), ['new'])
  t.strictSame(await serials('call_callbacks'), ['new'])
})

t.test('RETENTION_DAYS is off by default; if set, old rows go at the start', async t => {
  for (const [setting, left] of [[{}, 1], [{ RETENTION_DAYS: '1' }, 0]] as const) {
    const url = sqliteUrl(t)
    const store = await openPatientStore(url)
    const old = { call_serial_no: 'old', stage: 3, created_at: 1, released_at: 1 }
    await store.commit(async ({ db }) => {
      await db.insertInto('calls').values(old as never).execute()
    })
    await store.close()
    const { app } = await service(t, { DATABASE_URL: url, ...setting })
    await app.ready()
    await app.close()
    const after = await openPatientStore(url)
    const calls = await after.read(db => db.selectFrom('calls').select('call_serial_no').execute())
    await after.close()
    t.equal(calls.length, left)
  }
})

t.test('.env.example has every setting: required ones empty, others with their defaults', async t => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
  const lines = [...text.matchAll(/^(# )?([A-Z_]+)=(.*)$/gm)].map(([, comment, name, value]) => [
    name,
    comment === undefined ? 'required' : value
  ])
  const settings = Object.entries<{ default?: unknown }>(Settings.properties).map((
    [name, setting]
  ) => [
    name,
    'default' in setting ? String(setting.default) : isRequired(name) ? 'required' : ''
  ])
  t.strictSame(lines, settings)
})

function isRequired (name: string): boolean {
  return (Settings.required as string[] | undefined ?? []).includes(name)
}
