import { createRequire } from 'node:module'
import type { BuildCompilerFromPool } from '@fastify/ajv-compiler'
import type { SerializerFactory } from '@fastify/fast-json-stringify-compiler'
import type { FastifyServerOptions } from 'fastify'

export type Compilers = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>
type Validate = ReturnType<ReturnType<BuildCompilerFromPool>>

const require = createRequire(import.meta.url)

/**
 * Fastify's own compilers, loaded lazily. Each schema is compiled at the first request that needs
 * it: compiling all of them took half of the start.
 */
export function createLazyCompilers (): Compilers {
  const validators = memoize(() =>
    (require('@fastify/ajv-compiler') as typeof import('@fastify/ajv-compiler'))()
  )
  const serializers = memoize(() =>
    (require('@fastify/fast-json-stringify-compiler') as () => SerializerFactory)()
  )
  return {
    buildValidator: ((schemas, options) => {
      const compiler = memoize(() => validators()(schemas, options as never))
      return route => createLazyValidator(() => compiler()(route))
    }) as BuildCompilerFromPool,
    buildSerializer: (schemas, options) => {
      const compiler = memoize(() => serializers()(schemas, options))
      return (route) => {
        const serialize = memoize(() => compiler()(route))
        return document => serialize()(document)
      }
    }
  }
}

/** Fastify reads the errors from the function, and passes its context to one with a `schemaEnv`. */
function createLazyValidator (compile: () => Validate): Validate {
  const compiled = memoize(compile)
  const validate = ((data: unknown, context?: never) => {
    const compiledValidate = compiled()
    const result = compiledValidate(data, context)
    validate.errors = compiledValidate.errors ?? null
    return result
  }) as Validate
  return Object.assign(validate, { schemaEnv: {} as never })
}

function memoize<Made> (make: () => Made): () => Made {
  let value: Made | undefined
  return () => {
    value ??= make()
    return value
  }
}
