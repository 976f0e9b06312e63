import cluster from 'node:cluster'
import { isMainThread } from 'node:worker_threads'

/** Variables that process managers set to number the processes of one app. */
const instanceVariables = ['NODE_APP_INSTANCE', 'pm_id', 'INSTANCE_ID']

/** Why this process is probably one of several, or null. */
export function siblingProcesses ({ isWorker = cluster.isWorker, isMain = isMainThread, env = process.env } = {}): string | null {
  if (isWorker) return 'this is a cluster worker'
  if (!isMain) return 'this is a worker thread'
  const variable = instanceVariables.find(name => (env[name] ?? '') !== '')
  return variable === undefined ? null : `${variable} is set`
}
