import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

export interface BenchDatabase {
  readonly name: string
  readonly kind: 'sqlite' | 'postgres'
  readonly url: string
  /** The address of a further empty database on the same disk. */
  another(): Promise<string>
  drop(): Promise<void>
}

/** SQLite, and PostgreSQL where one answers. */
export async function databases (): Promise<BenchDatabase[]> {
  const wantedKind = process.env['BENCH_STORE']
  return [await sqlite(), await postgres()].flatMap(database =>
    database === null || (wantedKind !== undefined && wantedKind !== database.kind)
      ? []
      : [database]
  )
}

async function sqlite (): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'bench-service-'))
  let count = 0
  const createDatabase = async (): Promise<string> => `file:${join(folder, `${++count}.db`)}`
  return {
    name: 'SQLite (libsql)',
    kind: 'sqlite',
    url: await createDatabase(),
    another: createDatabase,
    drop: async () => rmSync(folder, { recursive: true })
  }
}

async function postgres (): Promise<BenchDatabase | null> {
  const server = process.env['TEST_POSTGRES_URL'] ?? 'postgres://root@127.0.0.1/test'
  const admin = new pg.Client({ connectionString: server, connectionTimeoutMillis: 2000 })
  try {
    await admin.connect()
  } catch {
    console.log('PostgreSQL does not answer: left out')
    return null
  }
  const { rows: [version] } = await admin.query<{ server_version: string }>('show server_version')
  const names: string[] = []
  const createDatabase = async (): Promise<string> => {
    const name = `bench_service_${process.pid}_${names.length}`
    names.push(name)
    await admin.query(`create database ${name}`)
    const url = new URL(server)
    url.pathname = `/${name}`
    return url.href
  }
  return {
    name: `PostgreSQL ${version?.server_version ?? ''}`,
    kind: 'postgres',
    url: await createDatabase(),
    another: createDatabase,
    async drop () {
      for (const name of names) await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    }
  }
}
