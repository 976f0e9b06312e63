import type { FastifyInstance, RouteOptions } from 'fastify'
import { OptionInvalid } from '../errors.ts'

const places = ['body', 'querystring', 'params', 'headers'] as const

/**
 * Refuses, at boot, a signed route whose TypeBox schemas go to a compiler that cannot read them, as
 * Zod's cannot: it would fail on each genuine request. A compiler of the app's own that reads JSON
 * Schema passes.
 * @throws {OptionInvalid} naming the route and what to do
 */
export function assertCompilers (
  vendor: string,
  route: RouteOptions,
  scope: FastifyInstance
): void {
  const { schema = {}, method, url } = route
  const validator = route.validatorCompiler ?? scope.validatorCompiler
  if (validator === undefined) return
  for (const httpPart of places) {
    const part = schema[httpPart]
    if (!isTypeBox(part) || canValidate(validator, part, { method, url, httpPart })) continue
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
    // Some look at the schema when they compile it, some when they run.
    compiler({ schema, ...route } as never)({} as never)
    return true
  } catch {
    return false
  }
}

/** TypeBox marks what it makes. */
function isTypeBox (schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && Symbol.for('TypeBox.Kind') in schema
}
