import type { FastifyBaseLogger } from 'fastify'

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The arguments of Fastify's `childLoggerFactory`. */
type ChildOptions = Parameters<FastifyBaseLogger['child']>

type Write = (...values: unknown[]) => void
type LoggerWithLevels = FastifyBaseLogger & { isLevelEnabled?(level: string): boolean }

/**
 * The logger of one request. It creates its child logger only when it writes a line: a child costs
 * as much as a signature, and with `LOG_LEVEL=warn` most requests write none.
 */
export function createRequestLogger (
  parent: FastifyBaseLogger,
  ...[bindings, options]: ChildOptions
): FastifyBaseLogger {
  // A level of its own differs from the parent's.
  return options?.level === undefined
    ? new RequestLogger(parent, bindings, options) as unknown as FastifyBaseLogger
    : parent.child(bindings, options)
}

class RequestLogger {
  readonly #parent: LoggerWithLevels
  readonly #bindings: ChildOptions[0]
  readonly #options: ChildOptions[1]
  #own: FastifyBaseLogger | undefined

  static {
    for (const level of levels) {
      const write: Write = function (this: RequestLogger, ...values) {
        if (this.#own === undefined && this.#parent.isLevelEnabled?.(level) === false) return
        ;(this.#child[level] as Write)(...values)
      }
      Object.defineProperty(this.prototype, level, { value: write })
    }
  }

  constructor (parent: FastifyBaseLogger, bindings: ChildOptions[0], options: ChildOptions[1]) {
    this.#parent = parent
    this.#bindings = bindings
    this.#options = options
  }

  get level (): string {
    return this.#child.level
  }

  set level (level) {
    this.#child.level = level
  }

  child (...options: ChildOptions): FastifyBaseLogger {
    return this.#child.child(...options)
  }

  get #child (): FastifyBaseLogger {
    this.#own ??= this.#parent.child(this.#bindings, this.#options)
    return this.#own
  }
}
