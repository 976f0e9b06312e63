// Replaces tap during mutation tests: the same assertions and comparisons (tcompare is tap's own),
// but in one process, and the first failure ends the test.
import { match, same, strict } from 'tcompare'

/** The tests that the files have registered since they were loaded. */
export const registeredTests = []

const fail = message => {
  throw new Error(message ?? 'failed')
}
const assertTrue = (condition, message) => {
  if (!condition) fail(message)
}

function assertError (error, expected, message) {
  if (expected === undefined || typeof expected === 'string') return
  assertTrue(
    typeof expected === 'function' ? error instanceof expected : match(error, expected).match,
    message
  )
}

const assertions = {
  ok: (value, message) => assertTrue(value, message),
  notOk: (value, message) => assertTrue(!value, message),
  equal: (actual, expected, message) => assertTrue(Object.is(actual, expected), message),
  same: (actual, expected, message) => assertTrue(same(actual, expected).match, message),
  strictSame: (actual, expected, message) => assertTrue(strict(actual, expected).match, message),
  match: (actual, pattern, message) => assertTrue(match(actual, pattern).match, message),
  notMatch: (actual, pattern, message) => assertTrue(!match(actual, pattern).match, message),
  type: (value, type, message) =>
    assertTrue(
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
      return assertError(error, expected, message)
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
      return assertError(error, expected, message)
    }
    fail(message)
  },
  resolves: async promise => {
    await (typeof promise === 'function' ? promise() : promise)
  }
}

/** Runs a test and its subtests, then its teardowns. */
export async function run (name, body) {
  const teardowns = []
  const t = {
    ...assertions,
    name,
    after: step => teardowns.unshift(step),
    teardown: step => teardowns.unshift(step),
    test: async (...args) => {
      const { skip, body } = parse(args)
      if (!skip) await run(args[0], body)
    }
  }
  try {
    await body(t)
  } finally {
    for (const step of teardowns) await step()
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
    registeredTests.push(parse(args))
    return Promise.resolve()
  }
}
