import type { FastifyInstance } from 'fastify'
import { type LabConfig, selectValues } from './settings.ts'
import { UsageError } from './usage-error.ts'
import { labVendors } from './vendors.ts'

export interface Lab {
  /** The base URL of each simulator by vendor name, without a trailing slash. */
  readonly urls: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Starts the five simulators on loopback. If one fails to start, closes the others. */
export async function startLab (config: LabConfig): Promise<Lab> {
  const apps: FastifyInstance[] = []
  const urls: Record<string, string> = {}
  const firstPort = Number(config['LAB_PORT'])
  const close = async (): Promise<void> => {
    await Promise.all(apps.map(async app => await app.close()))
  }
  try {
    for (const [name, { fields, create }] of Object.entries(labVendors)) {
      const port = firstPort === 0 ? 0 : firstPort + apps.length
      const app = await createSimulator(
        name,
        async () =>
          await create(
            selectValues(fields, config),
            port === 0 ? undefined : `http://127.0.0.1:${port}`
          )
      )
      apps.push(app)
      urls[name] = await app.listen({ host: '127.0.0.1', port })
    }
  } catch (error) {
    await close()
    throw error
  }
  return { urls, close }
}

/** Turns the refusal of a well-formed setting by the simulator into a usage error. */
async function createSimulator (
  name: string,
  create: () => Promise<FastifyInstance>
): Promise<FastifyInstance> {
  try {
    return await create()
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`)
  }
}
