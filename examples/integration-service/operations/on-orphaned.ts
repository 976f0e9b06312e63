/** Milliseconds between checks. */
const checkMs = 500

/**
 * Detects that the parent process has ended. A supervisor that runs `npm start` ends npm, and npm
 * its shell, but neither signals the service: it would keep the port that its successor needs. Only
 * for services started by npm: one in the background may well outlive its shell.
 */
export function onOrphaned (
  onEnd: () => void,
  { isRunByNpm = process.env['npm_lifecycle_event'] !== undefined, parent = () => process.ppid } =
    {}
): void {
  if (!isRunByNpm) return
  const initialParent = parent()
  const timer = setInterval(() => {
    if (parent() === initialParent) return
    clearInterval(timer)
    onEnd()
  }, checkMs)
  timer.unref()
}
