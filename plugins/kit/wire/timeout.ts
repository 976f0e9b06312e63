/** The longest delay of a timer, in milliseconds. Node takes a longer one for 1 millisecond. */
export const longestDelay = 2 ** 31 - 1

/**
 * Settles like the work, or rejects with the `message` after `timeoutMs`. The work cannot be
 * stopped; its later errors are ignored.
 */
export async function withTimeout<T> (
  work: () => Promise<T>,
  timeoutMs: number,
  message: string
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${message} within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([work(), timeout])
  } finally {
    clearTimeout(timer)
  }
}
