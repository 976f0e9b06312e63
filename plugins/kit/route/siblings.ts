import cluster from 'node:cluster'
import { isMainThread } from 'node:worker_threads'
import type { FastifyInstance } from 'fastify'
import type { Settings } from './options.ts'

/** Variables that process managers set to number the processes of one app. */
const instanceVariables = ['NODE_APP_INSTANCE', 'pm_id', 'INSTANCE_ID']

/** Why this process is probably one of several, or null. */
export function siblingProcesses (
  { isWorker = cluster.isWorker, isMain = isMainThread, env = process.env } = {}
): string | null {
  if (isWorker) return 'this is a cluster worker'
  if (!isMain) return 'this is a worker thread'
  const variable = instanceVariables.find(name => (env[name] ?? '') !== '')
  return variable === undefined ? null : `${variable} is set`
}

/**
 * Says at boot that what a store remembers is not known to the other processes that there seem to
 * be.
 */
export function warnOfSiblings (
  app: FastifyInstance,
  { vendor, as }: Settings,
  store: { readonly perProcess?: boolean } | undefined,
  what: string
): void {
  const why = store?.perProcess === true ? siblingProcesses() : null
  if (why !== null) {
    app.log.warn(
      { vendor, decorator: as },
      `${what} are remembered in this process only, and ${why}: use a store that all processes share`
    )
  }
}
