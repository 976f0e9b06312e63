#!/usr/bin/env node
import { run } from './run.ts'

// Not process.exit(), which would cut off output to a pipe.
process.exitCode = await run(process.argv.slice(2), process.env, {
  out: text => {
    process.stdout.write(text)
  },
  err: text => {
    process.stderr.write(text)
  },
  now: Date.now
})
