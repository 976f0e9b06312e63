import type { RouteOptions } from 'fastify'

/** Keywords whose values map names to schemas: a name is no keyword there. */
const maps = new Set(['properties', 'patternProperties', 'definitions', '$defs'])
/** Keywords whose values are data. */
const data = new Set(['enum', 'default', 'example', 'examples'])

type Schema = Readonly<Record<string, unknown>>

/**
 * Fastify's serializer writes a `const` of a response schema whatever the handler returned: a
 * failure would go out as the literal that means success. An `enum` of one value says the same to
 * readers and validators, and the handler's own value is written.
 */
export function writeLiteralsAsGiven (route: RouteOptions): void {
  const response = route.schema?.response
  if (typeof response !== 'object' || response === null) return
  // By status: a name is no keyword here either.
  route.schema = { ...route.schema, response: ofEach(response as Schema) }
}

function ofSchema (schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(ofSchema)
  if (typeof schema !== 'object' || schema === null) return schema
  // A copy with the symbols by which TypeBox knows its own.
  const copy: Record<string | symbol, unknown> = { ...schema }
  for (const [keyword, value] of Object.entries(schema)) {
    if (maps.has(keyword)) copy[keyword] = ofEach(value as Schema)
    else if (!data.has(keyword) && keyword !== 'const') copy[keyword] = ofSchema(value)
  }
  if ('const' in copy) {
    copy['enum'] ??= [copy['const']]
    delete copy['const']
  }
  return copy
}

function ofEach (schemas: Schema): Schema {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, ofSchema(schema)])
  )
}
