import { isDeepStrictEqual } from 'node:util'
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'

/** Keywords whose values map names to schemas, so that the names are not keywords. */
const schemaMapKeywords = new Set([
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependentSchemas',
  'dependencies'
])
/** Keywords whose values are data. */
const dataKeywords = new Set(['enum', 'default', 'example', 'examples'])

type Schema = Readonly<Record<string, unknown>>

/**
 * Fastify's serializer writes the `const` of a response schema whatever the handler returned: a
 * failure would be sent as the literal that means success. An `enum` of one value means the same to
 * readers and validators, but the handler's own value is written.
 */
export function writeLiteralsAsGiven (route: RouteOptions): void {
  const response = route.schema?.response
  if (typeof response !== 'object' || response === null) return
  // Keyed by status, which is not a keyword either.
  route.schema = { ...route.schema, response: replaceEach(response as Schema) }
}

function replaceLiterals (schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(replaceLiterals)
  if (typeof schema !== 'object' || schema === null) return schema
  // A schema of another library, for its own compiler.
  const prototype: unknown = Object.getPrototypeOf(schema)
  if (prototype !== Object.prototype && prototype !== null) return schema
  // The copy keeps the symbols of TypeBox.
  const copy: Record<string | symbol, unknown> = { ...schema }
  for (const [keyword, value] of Object.entries(schema)) {
    if (schemaMapKeywords.has(keyword)) copy[keyword] = replaceEach(value as Schema)
    else if (!dataKeywords.has(keyword) && keyword !== 'const') {
      copy[keyword] = replaceLiterals(value)
    }
  }
  if ('const' in copy) {
    copy['enum'] ??= [copy['const']]
    delete copy['const']
  }
  return copy
}

function replaceEach (schemas: Schema): Schema {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, replaceLiterals(schema)])
  )
}

/** Whether {@link assertLiterals} could find anything in the schema. It is asked once a route. */
export function mayHoldLiterals (schema: unknown, visited = new Set<unknown>()): boolean {
  if (typeof schema !== 'object' || schema === null || visited.has(schema)) return false
  visited.add(schema)
  return 'const' in schema || '$ref' in schema ||
    Object.values(schema).some(subschema => mayHoldLiterals(subschema, visited))
}

const kRefused = Symbol('fastify-contact-center.refused-literal')

/**
 * A `preSerialization` hook for literals that could not be replaced at boot: those behind a `$ref`,
 * and those of a route whose guard was hidden. If a reply differs from a literal, the vendor gets a
 * failure instead, and retries.
 */
export function assertLiterals (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: Error | null, payload?: unknown) => void
): void {
  const holder = request as { [kRefused]?: true }
  const schema = findSchema(request, reply)
  // Once, because the failure that is sent instead may have a literal too.
  if (holder[kRefused] === true || matchesLiterals(schema, payload, { request, root: schema })) {
    done(null, payload)
    return
  }
  holder[kRefused] = true
  done(
    new Error(
      'the reply differs from a literal in its schema, and the literal would be sent instead'
    )
  )
}

/** Looked up as Fastify does: by the status, its class or the default; then by the media type. */
function findSchema (request: FastifyRequest, reply: FastifyReply): unknown {
  const byStatus = Object.fromEntries(
    Object.entries(request.routeOptions.schema?.response as Schema).map((
      [status, schema]
    ) => [status.toLowerCase(), schema])
  )
  const status = String(reply.statusCode)
  const schema = byStatus[status] ?? byStatus[`${status.charAt(0)}xx`] ?? byStatus['default']
  const { content } = (schema ?? {}) as { content?: Record<string, { schema: unknown }> }
  if (content === undefined) return schema
  const type = String(reply.getHeader('content-type')).replace(/;.*/, '')
  return (content[type] ?? content['*/*'])?.schema
}

interface Place {
  readonly request: FastifyRequest
  /** The schema that a `#` in a reference stands for. */
  readonly root: unknown
}

/** Whether the value equals each literal of the schema. */
function matchesLiterals (schema: unknown, value: unknown, place: Place): boolean {
  if (typeof schema !== 'object' || schema === null || value === undefined) return true
  const { $ref, const: literal, items, allOf } = schema as Schema
  if (typeof $ref === 'string') {
    const target = resolveRef($ref, place)
    return matchesLiterals(target.schema, value, { ...place, root: target.root })
  }
  if ('const' in schema && !isSame(literal, value) && !mayBeNull(schema, value)) return false
  if (Array.isArray(allOf) && !allOf.every(subschema => matchesLiterals(subschema, value, place))) {
    return false
  }
  if ('if' in schema && !matchesBranch(schema, value, place)) return false
  if (Array.isArray(value)) {
    return value.every((item, index) =>
      matchesLiterals(Array.isArray(items) ? items[index] : items, item, place)
    )
  }
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) =>
    matchesLiterals(propertyOf(schema as Schema, name), member, place)
  )
}

/** The serializer writes `then` or `else`, depending on `if`. */
function matchesBranch (schema: Schema, value: unknown, place: Place): boolean {
  const { if: condition, then: thenSchema, else: elseSchema } = schema
  let isConditionMet: boolean
  try {
    // A copy, because Fastify's validators coerce in place.
    const copy: unknown = JSON.parse(JSON.stringify(value))
    isConditionMet = place.request.compileValidationSchema(condition as object)(copy) === true
  } catch {
    // Unknown which branch will be written: the value must match both.
    return [thenSchema, elseSchema].every(subschema => matchesLiterals(subschema, value, place))
  }
  return matchesLiterals(isConditionMet ? thenSchema : elseSchema, value, place)
}

/** `1` equals `'1'`, because the serializer converts between them. */
function isSame (literal: unknown, value: unknown): boolean {
  return isDeepStrictEqual(literal, value) ||
    (typeof literal !== 'object' && typeof value !== 'object' && String(literal) === String(value))
}

/** Null is written as null where the type allows it. */
function mayBeNull (schema: object, value: unknown): boolean {
  const { nullable, type } = schema as { nullable?: unknown, type?: unknown }
  return value === null && (nullable === true || [type].flat().includes('null'))
}

function propertyOf (schema: Schema, name: string): unknown {
  const { properties = {}, patternProperties = {}, additionalProperties } = schema as Record<
    string,
    Schema | undefined
  >
  if (Object.hasOwn(properties, name)) return properties[name]
  const pattern = Object.keys(patternProperties).find(candidate => new RegExp(candidate).test(name))
  return pattern === undefined ? additionalProperties : patternProperties[pattern]
}

/** `id#`, `id#/definitions/name`, `#/definitions/name`. */
function resolveRef ($ref: string, { request, root }: Place): { schema: unknown, root: unknown } {
  const [id = '', pointer = ''] = $ref.split('#')
  const base = id === '' ? root : request.server.getSchema(id)
  const schema = pointer.split('/').slice(1).reduce<unknown>(
    (node, name) => (node as Schema | undefined)?.[name],
    base
  )
  return { schema, root: base }
}
