// The service's time: a computer's own clock may be wrong by an hour.

/** Milliseconds to add to the browser's clock. */
let offset = 0
/** The `Date` header has whole seconds. */
const resolutionMs = 1000

/** The present time by the service's clock, epoch milliseconds. */
export function serverNow () {
  return Date.now() + offset
}

/** Compares the clocks: the response was written between `sentAt` and now. */
export function noteServerTime (dateHeader, sentAt) {
  const at = Date.parse(dateHeader ?? '')
  const receivedAt = Date.now()
  // The computer's clock was set meanwhile.
  if (Number.isNaN(at) || receivedAt < sentAt) return
  const isInBetween = at + resolutionMs >= sentAt && at <= receivedAt
  offset = isInBetween ? 0 : at + resolutionMs / 2 - (sentAt + receivedAt) / 2
}
