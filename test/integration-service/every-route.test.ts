// Rules for every route of the service, from its own OpenAPI document.
import t from 'tap'
import { aicc, onEachStore, service, signIn } from './helper.ts'

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
}
interface Operation {
  readonly parameters?: ReadonlyArray<{ in: string, name: string, schema: Schema }>
  readonly requestBody?: { content: Record<string, { schema: Schema }> }
}
interface RouteRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  readonly url: string
  readonly payload?: string
  readonly headers: Record<string, string>
}

/** Streams do not end. */
const streams = ['/api/events']

onEachStore(
  t,
  'S7, S10: no route fails on U+0000, and API replies are not cached',
  async (t, DATABASE_URL) => {
    const logged: string[] = []
    const { app } = await service(t, { DATABASE_URL }, { logged, fetch: aicc('1') })
    const agent = await signIn(app)
    const { paths } = (await app.inject('/openapi.json')).json() as {
      paths: Record<string, Record<string, Operation>>
    }
    let count = 0
    for (const [path, operations] of Object.entries(paths)) {
      if (streams.includes(path)) continue
      for (const [method, operation] of Object.entries(operations)) {
        for (
          const request of requestsOf(
            method.toUpperCase() as RouteRequest['method'],
            path,
            operation
          )
        ) {
          const { statusCode, headers } = await app.inject({
            ...request,
            headers: { ...agent, ...request.headers }
          })
          count++
          t.ok(
            statusCode < 500,
            `${request.method} ${request.url} ${request.payload ?? ''}: ${statusCode}`
          )
          if (path.startsWith('/api/')) t.equal(headers['cache-control'], 'no-store', request.url)
        }
      }
    }
    t.ok(count > 30, `${count} requests`)
    t.same(logged.filter(line => /"level":(?:50|60)/.test(line)), [], 'no error line')
  }
)

/** A plain request for the route, and one with U+0000 for each parameter and field. */
function* requestsOf (
  method: RouteRequest['method'],
  path: string,
  operation: Operation
): Generator<RouteRequest> {
  const at = (name?: string): string =>
    path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => parameter === name ? 'a%00' : '1')
  yield { method, url: at(), headers: {} }
  for (const { in: place, name } of operation.parameters ?? []) {
    if (place === 'path') yield { method, url: at(name), headers: {} }
    if (place === 'query') yield { method, url: `${at()}?${name}=a%00`, headers: {} }
  }
  for (const [type, { schema }] of Object.entries(operation.requestBody?.content ?? {})) {
    const names = Object.keys(schema.properties ?? {})
    for (const name of names) {
      const values = Object.fromEntries(names.map(field => [field, field === name ? 'a\0' : '1']))
      yield {
        method,
        url: at(),
        headers: { 'content-type': type },
        payload: type.includes('json')
          ? JSON.stringify(values)
          : new URLSearchParams(values).toString()
      }
    }
  }
}
