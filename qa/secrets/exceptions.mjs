// Intended exposures. Each has a reason; add one with every new entry.
const exceptions = [
  {
    reason: 'a form that is refused comes back to the member with what the member has typed',
    is: ({ sink, sort, where, excerpt }) =>
      sink === 'refusal' && sort === 'phone number' && where === 'POST /member/account 400' &&
      excerpt.includes('autocomplete="tel"')
  },
  {
    reason: "a vendor's own package quotes the time, with a sign before it, in errors of its own",
    is: ({ sink, sort, excerpt }) =>
      sink === 'error' && sort === 'phone number' &&
      runs('strangers') &&
      excerpt.startsWith('Invalid timestamp format: +')
  },
  {
    reason:
      'Fastify refuses an address with a broken escape, before any hook, by quoting it to whoever sent it',
    is: ({ sink, text }) =>
      sink === 'refusal' &&
      /^\{"(?:error|statusCode|code)":.*is not a valid url component/.test(text)
  },
  {
    reason:
      "Contiple's sign hook signs refusals as it signs answers: whoever gets the reply is meant to check it",
    is: ({ sink, sort, excerpt }) =>
      sink === 'refusal' && (sort === 'MAC' || sort === 'signed text') &&
      /authorization: [\w+/]{43}=\r\nx-tc-timestamp: /.test(excerpt)
  },
  {
    reason: "the lab is the vendor's own side, and shows what it has signed itself",
    is: ({ sink, sort, where }) =>
      sink === 'reply' && sort === 'expected MAC' && /^(?:GET|POST) \/lab\//.test(where)
  },
  {
    reason: "the lab's agent page tells the engineer what was to be signed, with the key masked",
    is: ({ sink, sort, excerpt }) =>
      sink === 'refusal' && sort === 'signed text' && excerpt.includes('‹secret›')
  },
  {
    reason: 'scripts of Swagger UI hold an alphabet that a test uses as a key',
    is: ({ sink, sort, where }) =>
      sink === 'reply' && sort === 'secret' &&
      /^GET \/docs\/static\/swagger-ui-[a-z-]+\.js 200$/.test(where)
  },
  {
    reason:
      'the lab is shown services that make each mistake, one of which is to give its secret away',
    is: ({ sink, sort, excerpt }) =>
      sink === 'reply' && sort === 'secret' &&
      runs('mistakes') && excerpt.includes('"secret":"')
  },
  {
    reason:
      'the contract suite is shown a plugin that tells its secret, to see that a case finds it',
    is: ({ sink, sort, excerpt }) =>
      sink === 'refusal' && sort === 'secret' &&
      runs('broken') && excerpt.includes('"expectedKey":')
  },
  {
    reason: 'a member who typed something wrong gets the form again, with what he or she typed',
    is: ({ sink, sort, where, excerpt }) =>
      sink === 'refusal' && sort === 'phone number' && where === 'POST /member/account 400' &&
      excerpt.includes('autocomplete="tel"')
  },
  {
    reason: 'a test makes errors that quote too much, to see that the service masks them',
    is: ({ sink, stack }) =>
      sink === 'error' &&
      /\.test\.ts/.test(
        stack.split('\n').find(line =>
          /^ +at /.test(line) && !/node_modules|node:|\/qa\/secrets\/sinks/.test(line)
        ) ?? ''
      )
  }
]

export function isException (leak) {
  return exceptions.some(({ is }) => is({ stack: '', ...leak }))
}

/** Whether this process runs that test file, from source or compiled. */
function runs (name) {
  return new RegExp(`\\b${name}\\.test\\.(?:ts|mjs)$`).test(process.argv[1] ?? '')
}
