// Possible places of leaks: hooks on every log line, reply, metric, event and error of a process,
// in any test. Each passes on the text and its place.
import { channel, subscribe } from 'node:diagnostics_channel'
import http from 'node:http'
import { createRequire } from 'node:module'
import { learnOptions } from './known.mjs'

const requireHere = createRequire(import.meta.url)

export function watchSinks (see) {
  watchErrors(see)
  watchReplies(see)
  watchEvents(see)
  let watched = false
  subscribe('fastify.initialization', ({ fastify }) => {
    if (!watched) watchLogs(see)
    watched = true
    watchOptions(fastify)
  })
}

/** Lines of pino, and for apps without a logger, the lines at level trace. */
function watchLogs (see) {
  const fromFastify = createRequire(requireHere.resolve('fastify'))
  const pino = fromFastify('pino')
  const { asJsonSym } = pino.symbols
  const silent = pino({
    level: 'trace',
    // The application configures which requests are logged; separate tests cover that.
    serializers: {
      req: ({ method, routeOptions }) => ({ method, route: routeOptions?.url }),
      res: ({ statusCode }) => ({ statusCode }),
      err: pino.stdSerializers.err
    }
  }, { write () {} })
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf(silent))
  const { [asJsonSym]: asJson } = prototype
  prototype[asJsonSym] = function (...args) {
    const line = asJson.apply(this, args)
    see('log', () => textOfLine(line), line)
    return line
  }
  const nullLogger = Object.getPrototypeOf(fromFastify('abstract-logging'))
  for (const level of Object.keys(nullLogger)) {
    nullLogger[level] = (...args) => silent[level](...args)
  }
}

/** The names and texts in a line. Omits numbers: times look like phone numbers. */
function textOfLine (line) {
  const parts = []
  JSON.parse(line, (name, value) => {
    if (name !== 'hostname') parts.push(name)
    if (typeof value === 'string' && name !== 'time' && name !== 'hostname') parts.push(value)
    return value
  })
  return parts.join('\n')
}

/** Includes replies of `app.inject`, whose class inherits. */
function watchReplies (see) {
  const { prototype } = http.ServerResponse
  const { write, end } = prototype
  const body = (response, chunk, encoding) => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return
    see(
      sinkOf(response),
      () =>
        typeof chunk === 'string'
          ? chunk
          : Buffer.from(chunk).toString(encoding === 'latin1' ? 'latin1' : 'utf8'),
      whereOf(response)
    )
  }
  prototype.write = function (chunk, encoding, ...rest) {
    body(this, chunk, encoding)
    return write.call(this, chunk, encoding, ...rest)
  }
  prototype.end = function (chunk, encoding, ...rest) {
    body(this, chunk, encoding)
    const result = end.call(this, chunk, encoding, ...rest)
    see(sinkOf(this), () => String(this._header), whereOf(this))
    return result
  }
}

function sinkOf (response) {
  if (
    /version=0\.0\.4|openmetrics/.test(
      String(response._header ?? '') + String(response.getHeader('content-type'))
    )
  ) return 'metric'
  return response.statusCode < 400 ? 'reply' : 'refusal'
}

function whereOf ({ req, statusCode }) {
  return `${req?.method} ${req?.url} ${statusCode}`
}

/**
 * Events on our channels that have subscribers: subscribing here would change what tests observe.
 */
function watchEvents (see) {
  const any = channel('tripwire')
  any.subscribe(() => {})
  const active = Object.getPrototypeOf(any)
  const { publish } = active
  active.publish = function (message) {
    if (String(this.name).startsWith('fastify-contact-center:')) {
      see('event', () => JSON.stringify(message), String(this.name))
    }
    return publish.call(this, message)
  }
}

/** Errors as they are created. They are scanned later, so properties added afterwards count too. */
function watchErrors (see) {
  for (const name of ['Error', 'TypeError', 'RangeError', 'SyntaxError']) {
    const Original = globalThis[name]
    const trap = {
      construct (target, args, newTarget) {
        const error = Reflect.construct(target, args, newTarget)
        if (Error.stackTraceLimit > 0) captureStackTrace.call(Error, error, trap.construct)
        see('error', () => textOfError(error), name, error)
        return error
      }
    }
    globalThis[name] = new Proxy(Original, trap)
    Object.defineProperty(Original.prototype, 'constructor', {
      value: globalThis[name],
      writable: true,
      configurable: true
    })
  }
  // Errors of @fastify/error call this instead of Error.
  Error.captureStackTrace = function (error, ...rest) {
    if (error instanceof Error) see('error', () => textOfError(error), 'Error', error)
    return captureStackTrace.call(Error, error, ...rest)
  }
}

const { captureStackTrace } = Error

function textOfError (error, depth = 0) {
  const ownProperties = Object.entries(error).filter(([name, value]) =>
    name !== 'stack' && name !== 'cause' && typeof value === 'string'
  ).map(([, value]) => value)
  const cause = depth < 4 && error.cause instanceof Error ? textOfError(error.cause, depth + 1) : ''
  return [error.message, ...ownProperties, cause].join('\n')
}

/** Keys passed to plugins at registration. */
function watchOptions (fastify) {
  const { register } = fastify
  fastify.register = function (plugin, options) {
    learnOptions(options)
    return register.call(this, plugin, options)
  }
}
