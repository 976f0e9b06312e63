/** Milliseconds between looks. */
const stepMs = 500

/**
 * Tells when the process that started this one is gone. A supervisor that runs `npm start` ends
 * npm, and npm its shell, and neither tells the service: it would go on listening, on a port that
 * its successor needs. Only for what npm started: a service that was put into the background may
 * well outlive its shell.
 */
export function onOrphaned (
  tell: () => void,
  { isRunByNpm = process.env['npm_lifecycle_event'] !== undefined, parent = () => process.ppid } =
    {}
): void {
  if (!isRunByNpm) return
  const first = parent()
  const timer = setInterval(() => {
    if (parent() === first) return
    clearInterval(timer)
    tell()
  }, stepMs)
  timer.unref()
}
