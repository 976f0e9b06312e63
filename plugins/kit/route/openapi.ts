import type { RouteOptions } from 'fastify'
import {
  BodyNotCaptured,
  ContentEncodingRefused,
  InProgress,
  InputRefused,
  KeysUnavailable,
  Replayed,
  ReplayStoreUnavailable,
  SignatureInvalid,
  SignatureMalformed,
  SignatureMissing,
  TimestampOutOfWindow
} from '../errors.ts'
import { type Failure, type FailureReply, retryAfterSeconds } from './failure.ts'
import { PlainFailure } from './plain-failure.ts'

/** The key of the examples in API documents. It is public and protects nothing. */
export const exampleSecret = 'public-key-of-the-examples'
/** The signed time of the examples, in epoch milliseconds. */
export const exampleTime = '1660095873001'

/** A schema of an object, as TypeBox makes it. */
export interface ObjectSchema {
  readonly properties: Readonly<Record<string, object>>
  readonly required?: readonly string[]
}

const places = ['headers', 'querystring', 'body'] as const
type Place = typeof places[number]
type Values = Readonly<Record<string, unknown>>

/** An OpenAPI security scheme: the place of the signature, and how to compute it. */
export type SecurityScheme =
  | {
    readonly type: 'apiKey',
    readonly in: 'header' | 'query',
    readonly name: string,
    readonly description: string
  }
  /** For a signature in the body, which OpenAPI cannot describe. */
  | { readonly type: 'http', readonly scheme: string, readonly description: string }

/** The description of a signed route in an OpenAPI document. */
export interface RouteDocs {
  readonly security: SecurityScheme
  /** Appended to the decorator's name, if one plugin has several security schemes. */
  readonly suffix?: string
  /**
   * The signed parts of a request in each place, except the signature that the security scheme
   * names.
   */
  readonly parts: { readonly [P in Place]?: ObjectSchema }
  /** The key of the example, if {@link exampleSecret} does not have the vendor's form. */
  readonly secret?: string
  /** A request signed with {@link exampleSecret} at {@link exampleTime}. */
  readonly example: { readonly [P in Place | 'params']?: Values }
  /** The schema of the vendor's failures. Default: Fastify's own shape. */
  readonly failure?: object
  /** The media type of the body, if it is not JSON. */
  readonly consumes?: readonly string[]
}

/** Describes one route. `body` is the example that the route's own schema gives, if any. */
export type DescribeRoute = (
  route: { readonly method: string, readonly url: string, readonly body?: Values }
) => RouteDocs

/** The facts about a plugin that its routes' documents show. */
export interface DocumentOptions {
  /** The name of the decorator, and so of the security scheme. */
  readonly as: string
  readonly describeSchema: DescribeRoute
  readonly replyTo: (failure: Failure) => FailureReply
  /** Whether bodies are captured, which can fail. */
  readonly capture: boolean
  readonly hasWindow: boolean
  readonly hasReplay: boolean
}

type Schema = Readonly<Record<string, unknown>>
interface TransformResult {
  readonly schema?: Schema | undefined
  readonly url: string
}
interface TransformInput extends TransformResult {
  readonly openapiObject?: { components: { securitySchemes?: object } }
}

/**
 * Makes @fastify/swagger show the signed parts and the failures of a route. It uses
 * `config.swaggerTransform`, so that the schema that validates requests stays unchanged. The
 * route's own transform runs first.
 */
export function documentRoute (route: RouteOptions, options: DocumentOptions): void {
  const ownTransform = (route.config as
    | { swaggerTransform?: false | ((route: TransformInput) => TransformResult) }
    | undefined)
    ?.swaggerTransform
  const swaggerTransform = (transformInput: TransformInput): TransformResult => {
    const { schema = {}, url } = typeof ownTransform === 'function'
      ? ownTransform(transformInput)
      : transformInput
    // Otherwise the document is Swagger 2, which cannot express most of this.
    if (transformInput.openapiObject === undefined) return { schema, url }
    const docs = describeRoute(
      options.describeSchema,
      { method: String(route.method), url: route.url },
      exampleOf(schema['body'])
    )
    const name = options.as.replace(/[^\w.-]/g, '_') + (docs.suffix ?? '')
    const { components } = transformInput.openapiObject
    // The app's own security scheme of this name takes precedence.
    components.securitySchemes = { [name]: docs.security, ...components.securitySchemes }
    return { schema: describeSchema(schema, name, docs, options), url }
  }
  Object.assign(route, { config: { ...route.config, swaggerTransform } })
}

/** The route's own example may be refused by the scheme; the vendor's default never is. */
function describeRoute (
  describeSchema: DescribeRoute,
  route: { method: string, url: string },
  body: Values | undefined
): RouteDocs {
  try {
    return describeSchema({ ...route, ...body && { body } })
  } catch {
    return describeSchema(route)
  }
}

function exampleOf (body: unknown): Values | undefined {
  return (body as { examples?: readonly Values[] } | undefined)?.examples?.[0]
}

const exampleNote = (secret: string): string =>
  `The examples are signed with the public key \`${secret}\` at ${
    new Date(Number(exampleTime)).toISOString()
  }. A running service has a different key and refuses them.`

function describeSchema (
  schema: Schema,
  name: string,
  docs: RouteDocs,
  options: DocumentOptions
): Schema {
  const { example, failure = PlainFailure, parts, consumes, secret = exampleSecret } = docs
  const note = exampleNote(secret)
  const partSchemas = places.flatMap(place =>
    example[place] === undefined
      ? []
      : [[place, addParts(schema[place], place, example[place], parts[place])]]
  )
  return {
    ...consumes && { consumes },
    ...schema,
    ...Object.fromEntries(partSchemas),
    description: [schema['description'] ?? [], note].flat().join('\n\n'),
    security: schema['security'] ?? [{ [name]: [] }],
    response: {
      ...describeFailures(failure, options),
      ...schema['response'] ?? { 200: { type: 'null', description: 'Default Response' } }
    },
    'x-signed-example': { note, secret, time: exampleTime, ...example }
  }
}

/**
 * The route's own schema of a place, with the signed parts added. The route's own properties take
 * precedence.
 */
function addParts (
  ownSchema: unknown,
  place: Place,
  values: Values,
  part: ObjectSchema = { properties: {} }
): object {
  // OpenAPI 3.0 has no propertyNames.
  const { propertyNames: _, ...schema } = (ownSchema ?? { type: 'object' }) as
    & Schema
    & Partial<ObjectSchema>
  const properties = Object.entries({ ...part.properties, ...schema.properties })
  const required = [...new Set([...schema.required ?? [], ...part.required ?? []])]
  return {
    ...schema,
    // A body has one example as a whole, a parameter has its own.
    ...place === 'body' && { examples: [values] },
    properties: Object.fromEntries(
      place === 'body'
        ? properties
        : properties.map((
          [name, property]
        ) => [
          name,
          Object.hasOwn(values, name) ? { ...property, examples: [values[name]] } : property
        ])
    ),
    ...required.length > 0 && { required }
  }
}

/** Every refusal, by the status and with the exact body that the vendor gets. */
function describeFailures (
  schema: object,
  { replyTo, capture, hasWindow, hasReplay }: DocumentOptions
): Record<string, object> {
  const byStatus = new Map<number, Array<{ code: string, message: string, body: unknown }>>()
  for (
    const RefusalClass of [
      SignatureMissing,
      SignatureMalformed,
      SignatureInvalid,
      InputRefused,
      KeysUnavailable,
      ...hasWindow ? [TimestampOutOfWindow] : [],
      ...hasReplay ? [Replayed, InProgress, ReplayStoreUnavailable] : [],
      ...capture ? [ContentEncodingRefused, BodyNotCaptured] : []
    ]
  ) {
    const { statusCode, code, message } = new RefusalClass()
    const { status, body } = replyTo({ status: statusCode, code, message })
    byStatus.set(status, [...byStatus.get(status) ?? [], { code, message, body }])
  }
  const responses = Array.from(byStatus, ([status, refusals]) => [status, {
    ...schema,
    description: refusals.map(({ code, message }) => `\`${code}\`: ${message}.`).join(' '),
    ...status === 503 &&
      {
        headers: {
          'Retry-After': { type: 'integer', description: `Seconds; ${retryAfterSeconds}` }
        }
      },
    'x-examples': Object.fromEntries(refusals.map(({ code, body }) => [code, { value: body }]))
  }])
  const otherFailures = { ...schema, description: 'Any other failure, in the same shape' }
  return { ...Object.fromEntries(responses), '4xx': otherFailures, '5xx': otherFailures }
}
