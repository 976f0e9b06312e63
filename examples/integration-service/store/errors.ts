import createError from '@fastify/error'

/**
 * The database is unreachable or cannot write; try again later. The code's prefix lets
 * vendor-shaped replies include it.
 */
export const StoreUnavailable = createError<[{ cause: unknown }]>(
  'FST_CC_STORE_UNAVAILABLE',
  'The store is unavailable',
  503
)

/** Text that PostgreSQL cannot store, such as U+0000. */
export const TextRefused = createError(
  'SERVICE_TEXT_REFUSED',
  'The text contains a character that cannot be stored',
  400
)

const unavailableCodes =
  /^(?:25006|25P03|08...|53...|57...|58...|40001|40P01|55P03|ECONN.*|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|SQLITE_(?:BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB|NOMEM).*)$/
const unavailableMessages =
  /^ConnectionFailed|Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|driver has already been destroyed/

/** Maps a driver's error: the store is unavailable, or the error itself. */
export function toStoreError (error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown, message?: unknown }
  if (code === '22021' || code === '22P05') return new TextRefused()
  const isDown = (typeof code === 'string' && unavailableCodes.test(code)) ||
    (typeof message === 'string' && unavailableMessages.test(message))
  return isDown ? new StoreUnavailable({ cause: error }) : error
}

/** Two transactions conflicted; the one that failed can be retried. */
export function isConflict (error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  return code === '40P01' || code === '40001'
}
