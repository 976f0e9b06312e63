import {
  type Compilers,
  createLazyCompilers
} from '../../examples/integration-service/operations/compilers.ts'

/**
 * Compilers that all services in this process share. Tests start one service after another, and
 * compiling the same schemas again took a third of the time.
 */
export function sharedCompilers (): Required<Compilers> {
  const { buildValidator, buildSerializer } = createLazyCompilers() as Required<Compilers>
  return {
    buildValidator: (schemas, options) => {
      const compile = buildValidator(schemas, options)
      return route => reuse(['validator', schemas, route.schema], () => compile(route))
    },
    buildSerializer: (schemas, options) => {
      const compile = buildSerializer(schemas, options)
      return route => reuse(['serializer', schemas, route.schema], () => compile(route))
    }
  }
}

const made = new Map<string, unknown>()

/** The result for equal inputs, made at most once. */
function reuse<Made> (inputs: unknown[], make: () => Made): Made {
  const key = JSON.stringify(inputs)
  if (!made.has(key)) made.set(key, make())
  return made.get(key) as Made
}
