// Replaces tap during mutation tests: the same assertions and comparisons (tcompare is tap's own),
// but in one process, and the first failure ends the test.
import { match, same, strict } from 'tcompare'

/** The tests that the files have registered since they were loaded. */
export const registered = []

const fail = message => {
  throw new Error(message ?? 'failed')
}
const hold = (is, message) => {
  if (!is) fail(message)
}

function thrown (error, expected, message) {
  if (expected === undefined || typeof expected === 'string') return
  hold(
    typeof expected === 'function' ? error instanceof expected : match(error, expected).match,
    message
  )
}

const assertions = {
  ok: (value, message) => hold(value, message),
  notOk: (value, message) => hold(!value, message),
  equal: (found, wanted, message) => hold(Object.is(found, wanted), message),
  same: (found, wanted, message) => hold(same(found, wanted).match, message),
  strictSame: (found, wanted, message) => hold(strict(found, wanted).match, message),
  match: (found, pattern, message) => hold(match(found, pattern).match, message),
  notMatch: (found, pattern, message) => hold(!match(found, pattern).match, message),
  type: (value, type, message) =>
    hold(
      typeof type === 'function' ? value instanceof type : [typeof value].includes(type),
      message
    ),
  fail,
  pass () {},
  end () {},
  throws (run, expected, message) {
    try {
      run()
    } catch (error) {
      return thrown(error, expected, message)
    }
    fail(message)
  },
  doesNotThrow: run => {
    run()
  },
  async rejects (promise, expected, message) {
    try {
      await (typeof promise === 'function' ? promise() : promise)
    } catch (error) {
      return thrown(error, expected, message)
    }
    fail(message)
  },
  resolves: async promise => {
    await (typeof promise === 'function' ? promise() : promise)
  }
}

/** Runs a test and its subtests, then its teardowns. */
export async function run (name, body) {
  const later = []
  const t = {
    ...assertions,
    name,
    after: step => later.unshift(step),
    teardown: step => later.unshift(step),
    test: async (...args) => {
      const { skip, body } = parse(args)
      if (!skip) await run(args[0], body)
    }
  }
  try {
    await body(t)
  } finally {
    for (const step of later) await step()
  }
}

function parse (args) {
  const options = typeof args[1] === 'object' ? args[1] : {}
  return { name: args[0], skip: Boolean(options.skip), body: args.at(-1) }
}

export default {
  ...assertions,
  after () {},
  teardown () {},
  test (...args) {
    registered.push(parse(args))
    return Promise.resolve()
  }
}
