import cluster from 'node:cluster'
import { isMainThread } from 'node:worker_threads'
import type { FastifyInstance } from 'fastify'
import type { Settings } from './options.ts'

/** Variables with which process managers number the processes of one app. */
const instanceVariables = ['NODE_APP_INSTANCE', 'pm_id', 'INSTANCE_ID']

/** Why this process is probably one of several, or null. */
export function findSiblingReason (
  { isWorker = cluster.isWorker, isMain = isMainThread, env = process.env } = {}
): string | null {
  if (isWorker) return 'this is a cluster worker'
  if (!isMain) return 'this is a worker thread'
  const variable = instanceVariables.find(name => (env[name] ?? '') !== '')
  return variable === undefined ? null : `${variable} is set`
}

/**
 * Warns at boot if there probably are other processes, which do not share the store. `contents`
 * names its entries in the plural.
 */
export function warnOfSiblings (
  app: FastifyInstance,
  { vendor, as }: Settings,
  store: { readonly perProcess?: boolean } | undefined,
  contents: string
): void {
  const reason = store?.perProcess === true ? findSiblingReason() : null
  if (reason !== null) {
    app.log.warn(
      { vendor, decorator: as },
      `${contents} are remembered in this process only, and ${reason}: use a store that all processes share`
    )
  }
}
