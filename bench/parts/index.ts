import type { Part } from '../report.ts'
import { desk } from './desk.ts'
import { growth } from './growth.ts'
import { http } from './http.ts'
import { json } from './json.ts'
import { processes } from './processes.ts'
import { replay } from './replay.ts'
import { routes } from './routes.ts'
import { service } from './service.ts'
import { start } from './start.ts'
import { subscribers } from './subscribers.ts'
import { verify } from './verify.ts'

/** In the order of the page. */
export const parts: readonly Part[] = [
  verify,
  routes,
  http,
  json,
  replay,
  growth,
  service,
  desk,
  processes,
  start,
  subscribers
]
