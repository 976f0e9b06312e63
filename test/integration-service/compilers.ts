import {
  type Compilers,
  lazyCompilers
} from '../../examples/integration-service/operations/compilers.ts'

/**
 * The service's compilers, for all of its instances in this process: tests start one after the
 * other, and to compile the same schemas again took a third of their time.
 */
export function sharedCompilers (): Required<Compilers> {
  const { buildValidator, buildSerializer } = lazyCompilers() as Required<Compilers>
  return {
    buildValidator: (schemas, options) => {
      const compile = buildValidator(schemas, options)
      return route => take(['validator', schemas, route.schema], () => compile(route))
    },
    buildSerializer: (schemas, options) => {
      const compile = buildSerializer(schemas, options)
      return route => take(['serializer', schemas, route.schema], () => compile(route))
    }
  }
}

const made = new Map<string, unknown>()

/** What was made of the like before, or is made now. */
function take<Made> (like: unknown[], make: () => Made): Made {
  const key = JSON.stringify(like)
  if (!made.has(key)) made.set(key, make())
  return made.get(key) as Made
}
