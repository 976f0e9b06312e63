#!/usr/bin/env node
import { run } from './run.ts'

// Not process.exit(): what was printed must reach a pipe first.
process.exitCode = await run(process.argv.slice(2), process.env, {
  out: text => {
    process.stdout.write(text)
  },
  err: text => {
    process.stderr.write(text)
  },
  now: Date.now
})
