import type { PageName, Part } from '../report.ts'
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

/** The parts of each page, in their order. */
export const pages: Readonly<Record<PageName, readonly Part[]>> = {
  plugins: [http, routes, verify, json],
  service: [service, processes, desk, start, subscribers],
  growth: [growth, replay]
}
