/**
 * Settles as the work does, or rejects with `what` after `timeoutMs`. The work itself cannot be
 * stopped; what it throws later is nobody's.
 */
export async function withTimeout<T> (
  work: () => Promise<T>,
  timeoutMs: number,
  what: string
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
