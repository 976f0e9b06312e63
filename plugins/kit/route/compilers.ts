import type { FastifyInstance, RouteOptions } from 'fastify'
import { OptionInvalid } from '../errors.ts'

const httpParts = ['body', 'querystring', 'params', 'headers'] as const

/**
 * Refuses, at boot, a signed route with TypeBox schemas whose compiler cannot read them, such as
 * Zod's: every genuine request would fail. Any compiler that reads JSON Schema is accepted.
 * @throws {OptionInvalid} naming the route and the solution
 */
export function assertCompilers (
  vendor: string,
  route: RouteOptions,
  scope: FastifyInstance
): void {
  const { schema = {}, method, url } = route
  const validator = route.validatorCompiler ?? scope.validatorCompiler
  if (validator === undefined) return
  for (const httpPart of httpParts) {
    const partSchema = schema[httpPart]
    if (!isTypeBox(partSchema) || canValidate(validator, partSchema, { method, url, httpPart })) {
      continue
    }
    throw new OptionInvalid(
      vendor,
      `route ${
        String(method)
      } ${url}: the validatorCompiler of its scope cannot read the TypeBox ` +
        `schema of its ${httpPart}. Set that compiler only in the scope that needs it, or ` +
        'give this route a schema that it can read'
    )
  }
}

function canValidate (
  compiler: (schema: never) => (data: never) => unknown,
  schema: unknown,
  route: object
): boolean {
  try {
    // Some compilers read the schema when compiling, others when validating.
    compiler({ schema, ...route } as never)({} as never)
    return true
  } catch {
    return false
  }
}

/** TypeBox marks its schemas. */
function isTypeBox (schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && Symbol.for('TypeBox.Kind') in schema
}
