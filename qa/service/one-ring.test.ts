import { scheme as contiple } from 'fastify-contact-center/contiple'
import { scheme as twilio } from 'fastify-contact-center/twilio'
import t from 'tap'
import { missing } from '../../test/real-parts.ts'
import { openPatientStore, postgresUrl } from '../../test/integration-service/helper.ts'
import { secrets, seed, startProcess } from '../../test/integration-service/processes.ts'

const callers = 150

t.test('two vendors report one caller to two processes at once', async t => {
  const DATABASE_URL = await postgresUrl(t)
  const skip = await missing('PostgreSQL', () => DATABASE_URL !== null)
  if (skip !== false || DATABASE_URL === null) return t.pass('skipped', { skip })
  await seed(DATABASE_URL)
  const env = { DATABASE_URL, RING_SECONDS: '120' }
  const [first, second] = await Promise.all([startProcess(t, env), startProcess(t, env)])

  const numbers = Array.from({ length: callers }, (_, index) => `+8210${20_000_000 + index}`)
  const statuses = new Set<string>()
  for (const [index, number] of numbers.entries()) {
    const [looksUp, rings] = index % 2 === 0 ? [first, second] : [second, first]
    const answers = await Promise.all([
      lookUp(looksUp.url, number),
      voice(rings.url, number, index),
      // Twilio's retry reaches the other process.
      voice(looksUp.url, number, index)
    ])
    statuses.add(answers.join())
  }
  t.same([...statuses], ['400,200,200'], 'an unknown customer gets 400, and Twilio gets 200')

  const store = await openPatientStore(DATABASE_URL)
  t.after(async () => await store.close())
  const rows = await store.read(db =>
    db.selectFrom('calls').select(['call_serial_no', 'customer_number'])
      .where('direction', '=', 'inbound').execute()
  )
  const wrongNumbers = numbers.filter(number =>
    rows.filter(row => row.customer_number === number).length !== 1
  )
  t.same(wrongNumbers, [], 'each call rings once')
  const named = await store.read(db => db.selectFrom('call_aliases').selectAll().execute())
  const sids = new Set([
    ...rows.map(row => row.call_serial_no),
    ...named.map(row => row.vendor_serial_no)
  ])
  t.same(
    numbers.map((_, index) => sidOf(index)).filter(sid => !sids.has(sid)),
    [],
    'the service knows the call'
  )
  const published = await store.read(db =>
    db.selectFrom('events').select('id').where('kind', '=', 'call.ringing').execute()
  )
  t.equal(published.length, callers)
})

async function lookUp (url: string, number: string): Promise<number> {
  const body = JSON.stringify({ callNum: number })
  const timestamp = String(Date.now())
  const reply = await fetch(`${url}/contiple/customer`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: contiple.sign({ body, timestamp }, secrets.CONTIPLE_KEY),
      'x-tc-timestamp': timestamp
    },
    body
  })
  return reply.status
}

async function voice (url: string, number: string, index: number): Promise<number> {
  const params = {
    CallSid: sidOf(index),
    AccountSid: `AC${'5'.repeat(32)}`,
    From: number,
    To: '+82215881000',
    CallStatus: 'ringing',
    Direction: 'inbound'
  }
  const signature = twilio.sign(
    { url: 'http://cti.test/twilio/voice', params },
    secrets.TWILIO_AUTH_TOKEN
  )
  const reply = await fetch(`${url}/twilio/voice`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature
    },
    body: new URLSearchParams(params)
  })
  return reply.status
}

function sidOf (index: number): string {
  return `CA${String(index).padStart(32, '0')}`
}
