import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { requireSupervisor } from '../agents/roles.ts'
import { problems } from '../operations/errors.ts'
import { agentNames } from '../store/agents.ts'
import { type CallPosition, latestCalls } from '../store/calls.ts'
import type { CallRow } from '../store/index.ts'
import { csvHeader, formatCsvLine } from './csv.ts'
import { HistoryFilters, createHistoryQuery } from './history-query.ts'
import { readCallViews } from './view.ts'

/** Lines that an export reads at once. */
const exportPageSize = 500

/** The call history as a file, for supervisors. */
export const exportRoute: FastifyPluginAsyncTypebox = async function exportRoute (app) {
  app.get('/api/calls.csv', {
    onRequest: requireSupervisor,
    schema: {
      summary: 'Export the calls as CSV, for supervisors',
      description: 'Streams the calls, newest first. If the export fails, the connection breaks.',
      produces: ['text/csv'],
      querystring: HistoryFilters,
      response: { 200: Type.Unsafe<Readable>({ type: 'string' }), ...problems }
    }
  }, async ({ query }, reply) => {
    const region = app.config.PHONE_REGION
    const criteria = await app.store.read(db => createHistoryQuery(db, region, query))
    const names = await app.store.read(agentNames)
    async function* streamLines (): AsyncGenerator<string> {
      yield csvHeader
      for (let before: CallPosition | undefined;;) {
        const rows: CallRow[] = await app.store.read(db =>
          latestCalls(db, { ...criteria, limit: exportPageSize, ...before && { before } })
        )
        const calls = await app.store.read(db => readCallViews(db, rows))
        yield calls.map(call => formatCsvLine(call, names.get(call.agentId ?? ''))).join('')
        const last = rows.at(-1)
        if (last === undefined || rows.length < exportPageSize) return
        // SQLite and a socket with room respond without yielding: without a pause, no other request
        // would be served until the end, and a disconnect would go unnoticed.
        await setImmediate()
        before = { createdAt: last.created_at, callSerialNo: last.call_serial_no }
      }
    }
    return await reply.type('text/csv; charset=utf-8').headers({
      'content-disposition': 'attachment; filename="calls.csv"',
      'cache-control': 'no-store'
    }).send(Readable.from(streamLines(), { highWaterMark: 1 }))
  })
}
