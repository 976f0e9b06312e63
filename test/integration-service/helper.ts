import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import type { Test } from 'tap'
import { integrationService, type Overrides } from '../../examples/integration-service/app.ts'
import { type Config, loadConfig } from '../../examples/integration-service/config.ts'
import { demoSecrets } from '../../examples/integration-service/demo-secrets.ts'
import { createLoggerOptions } from '../../examples/integration-service/operations/log.ts'
import { openStore, type Store } from '../../examples/integration-service/store/index.ts'
import { demoSignIns, seedDemo } from '../../examples/integration-service/store/seed.ts'
import { sharedCompilers } from './compilers.ts'

const server = process.env['TEST_POSTGRES_URL'] ?? 'postgres://root@127.0.0.1/test'

/** Settings that start the service. Tests override some of them. */
export const settings = {
  ...demoSecrets,
  PUBLIC_URL: 'http://127.0.0.1:3000',
  ORACLE_CSC_URL: 'http://127.0.0.1:8080/agent/main',
  ONLINE_CONTACT_URL: 'http://127.0.0.1:8081',
  ONLINE_CONTACT_SERVICE: 'demo',
  ITX_PLUGIN_URL: 'http://127.0.0.1:8082/widget.js',
  AICC_URL: 'http://127.0.0.1:8083',
  WHATSAPP_PHONE_NUMBER_ID: '106540352242922',
  WHATSAPP_URL: 'http://127.0.0.1:8084/v23.0',
  LINE_URL: 'http://127.0.0.1:8085',
  LOG_LEVEL: 'silent'
}

/** The URL of a SQLite file for this test only. */
export function sqliteUrl (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'integration-service-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return `file:${join(folder, 'store.db')}`
}

/** The URL of a PostgreSQL database for this test only, or null without a server. */
export async function postgresUrl (t: Test): Promise<string | null> {
  const name = `service_${process.pid}_${Math.random().toString(36).slice(2)}`
  const admin = new pg.Client({ connectionString: server, connectionTimeoutMillis: 2000 })
  try {
    await admin.connect()
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    return null
  }
  await admin.query(`create database ${name}`)
  t.after(async () => {
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  })
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** Runs the tests on each database. The report shows if PostgreSQL is missing. */
export function onEachStore (
  t: Test,
  name: string,
  run: (t: Test, databaseUrl: string) => Promise<void>
): void {
  t.test(`${name} (SQLite)`, async t => await run(t, sqliteUrl(t)))
  t.test(`${name} (PostgreSQL)`, async t => {
    const url = await postgresUrl(t)
    if (url === null) {
      t.comment('PostgreSQL does not answer: skipped')
      t.pass('skipped', { skip: 'no PostgreSQL' })
    } else {
      await run(t, url)
    }
  })
}

/** Tests of other things must not fail because the machine is busy. */
const patient = { waitMs: 30_000, statementMs: 60_000 }

export async function openPatientStore (url: string): Promise<Store> {
  return await openStore(url, patient)
}

export interface Service {
  app: FastifyInstance
  config: Config
}

/** The service with demonstration data, closed with its test. Log lines go to `logged`. */
export async function service (
  t: Test,
  env: Record<string, string>,
  { logged, ...overrides }: Overrides & { logged?: string[] } = {}
): Promise<Service> {
  const config = loadConfig({ ...settings, ...env })
  const app = await integrationService(config, {
    signInsPerMinute: 1000,
    writesPerMinute: 100_000,
    storeTimeouts: patient,
    compilers: sharedCompilers(),
    ...logged && {
      logger: {
        ...createLoggerOptions('info'),
        stream: {
          write: (line: string) => {
            logged.push(line)
          }
        }
      }
    },
    ...overrides
  })
  t.after(() => app.close())
  await seedDemo(app.store, { now: app.now(), hash: hashFast })
  return { app, config }
}

/** A fast hash, for tests that do not measure its cost. */
async function hashFast (password: string): Promise<string> {
  return await hash(password, { memoryCost: 8, timeCost: 1 })
}

/** Signs the first demonstration agent in, and returns the cookie header. */
export async function signIn (app: FastifyInstance): Promise<{ cookie: string }> {
  const [{ login, password }] = demoSignIns.agents
  const reply = await app.inject({
    method: 'POST',
    url: '/api/agents/session',
    payload: { login, password }
  })
  const [cookie] = reply.cookies
  if (reply.statusCode !== 200 || cookie === undefined) {
    throw new Error(`sign-in failed: ${reply.body}`)
  }
  return { cookie: `${cookie.name}=${cookie.value}` }
}

/** Signs a demonstration agent in, by index, as available. Returns the cookie header. */
export async function signInAvailable (
  app: FastifyInstance,
  index: number
): Promise<{ cookie: string }> {
  const { login, password } = demoSignIns.agents[index] ?? { login: '', password: '' }
  const reply = await app.inject({
    method: 'POST',
    url: '/api/agents/session',
    payload: { login, password }
  })
  const headers = { cookie: `${reply.cookies[0]?.name}=${reply.cookies[0]?.value}` }
  await app.inject({
    method: 'PUT',
    url: '/api/agents/state',
    headers,
    payload: { state: 'available', reason: null }
  })
  return headers
}

/** A `fetch` for createCall that answers like Huawei, with the given serial numbers in order. */
export function aicc (...serials: string[]): typeof globalThis.fetch {
  return async () => {
    const callSerialNo = serials.shift()
    const answer = callSerialNo === undefined
      ? '{"retCode":"7","retMsg":"no"}'
      : `{"retCode":"0","retMsg":"success","result":{"callSerialNo":${callSerialNo}}}`
    return new Response(answer, { headers: { 'content-type': 'application/json' } })
  }
}
