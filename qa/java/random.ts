import fc from 'fast-check'
import type { JavaVendor } from './inputs.ts'
import type { Question } from './run.ts'

/** Characters that some parsers, sorters or escapers treat specially. */
const oddTexts = [
  'a',
  'b',
  'A',
  'Z',
  '0',
  '1',
  '9',
  ' ',
  '  ',
  '&',
  '-',
  ':',
  ',',
  '=',
  '_',
  '+',
  '%',
  '#',
  '?',
  '*',
  '~',
  '!',
  "'",
  '(',
  ')',
  '.',
  '"',
  '\\',
  '/',
  '<',
  '>',
  '{',
  '}',
  '[',
  ']',
  '$&',
  'true',
  'null',
  '\t',
  '\n',
  '\r',
  '\f',
  '\v',
  '\0',
  '\u0001',
  '\u001c',
  '\u001f',
  '\u007f',
  '\u0085',
  '\u00a0',
  'é',
  'e\u0301',
  'İ',
  '\u1680',
  '\u180e',
  '\u2000',
  '\u2007',
  '\u200b',
  '\u2028',
  '\u2029',
  '\u202f',
  '\u205f',
  '\u3000',
  '홍',
  '\ud7ff',
  '\ue000',
  '\ufeff',
  '\uff01',
  '\uffff',
  '😀',
  '𝒽',
  '\u{10ffff}'
]

/** Well-formed text. */
const text = (maxLength = 12) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.array(fc.constantFrom(...oddTexts), { maxLength }).map(parts => parts.join(''))
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 2 * maxLength }) }
  )
const nonEmptyText = (maxLength = 12) => text(maxLength).map(value => value || 'x')
const blank = fc.array(fc.constantFrom(' ', '\t', '\u001c', '\u3000', '\u2028', '\u00a0'), {
  maxLength: 3
}).map(parts => parts.join(''))
const secret = fc.oneof(fc.constant('0123456789abcdef'), nonEmptyText(60))
const digits = fc.oneof(
  fc.bigInt(0n, 2n ** 63n - 1n).map(String),
  fc.constantFrom(
    '0',
    '1660095873001',
    '0001660095873001',
    '9007199254740993',
    '9223372036854775807'
  )
)
const time = fc.oneof(digits, digits.map(BigInt), fc.maxSafeNat())

/**
 * A JSON number. Of the numbers that Java reads as a double, only magnitudes at which every JDK
 * prints the shortest digits: before JDK 19, `Double.toString` printed some beyond 2^63 with an
 * extra or wrong last digit (JDK-4511638).
 */
const numeral = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1.0',
    '1e3',
    '1E+3',
    '0.1e-6',
    '-0.0',
    '0e0',
    '1e400',
    '-1e400',
    '5e-324',
    '0.001',
    '0.00099',
    '9999999.0',
    '1e7',
    '1e100',
    '9223372036854775808',
    '-9223372036854775809',
    '12345678901234567890'
  ),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String),
  fc.tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: -20, max: 11 })).map((
    [digits, exponent]
  ) => `${digits}e${exponent}`),
  fc.tuple(fc.integer(), fc.nat({ max: 999_999 })).map(([integer, fraction]) =>
    `${integer}.${fraction}`
  )
)

const gap = fc.constantFrom('', '', '', ' ', '\n\t\r')
const name = quoteText(
  fc.oneof(
    text(4),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      '10',
      '9',
      'timestamp',
      'nonce',
      'signature',
      'callData',
      'called',
      'called '
    )
  )
)

/** JSON text with blanks, escapes and repeated names. */
const { object } = fc.letrec<{ value: string, object: string, array: string }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    quoteText(text()),
    numeral,
    fc.constantFrom('null', 'true', 'false'),
    tie('object'),
    tie('array')
  ),
  object: joinItems(
    '{',
    fc.tuple(name, gap, gap, tie('value')).map(([name, before, after, value]) =>
      `${name}${before}:${after}${value}`
    ),
    '}'
  ),
  array: joinItems('[', tie('value'), ']')
}))

function joinItems (open: string, item: fc.Arbitrary<string>, close: string): fc.Arbitrary<string> {
  return fc.tuple(fc.array(item, { maxLength: 5 }), gap).map(([items, gap]) =>
    open + gap + items.join(gap + ',' + gap) + gap + close
  )
}

function quoteText (content: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(content, fc.boolean()).map(([content, escape]) => {
    const json = JSON.stringify(content)
    return escape
      ? json.replace(/[^ -~]/g, unit => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0'))
      : json
  })
}

/** As text from the wire, or as a JavaScript value. */
const json = fc.tuple(object, fc.boolean()).map(([text, isParsed]) =>
  isParsed ? JSON.parse(text) as object : text
)

const optional = { requiredKeys: [] }

/** Random questions for each vendor. The options make a scheme behave like the vendor's code. */
export const random: Record<JavaVendor, fc.Arbitrary<Question & { options: object }>> = {
  'oracle-csc': question('oracle-csc', {
    input: fc.record(
      { username: nonEmptyText(), callerId: nonEmptyText(), callId: nonEmptyText() },
      {
        requiredKeys: ['username', 'callerId']
      }
    ),
    options: fc.record({
      algorithm: fc.constantFrom('sha1', 'sha256'),
      byteLength: fc.constantFrom('utf16', 'utf8')
    }, optional)
  }),
  contiple: question('contiple', {
    input: fc.record({
      body: fc.oneof(text(40), object),
      timestamp: fc.oneof(digits, text()),
      uri: text()
    }),
    options: fc.record({ signedContent: fc.constantFrom('body', 'uri+body') }, optional)
  }),
  'online-contact': question('online-contact', {
    input: fc.record({
      service: nonEmptyText(),
      usercode: nonEmptyText(),
      username: fc.oneof(blank, text()),
      email: fc.oneof(blank, text()),
      phone: fc.oneof(blank, text()),
      memberno: fc.oneof(blank, text()),
      returnUrl: fc.oneof(blank, text(40)),
      time
    }, { requiredKeys: ['service', 'usercode', 'time'] })
  }),
  'itx-chat': question('itx-chat', {
    input: fc.record({
      verifiedData: json,
      name: text(),
      tag: text(),
      email: text(),
      phoneNumber: text(),
      extSystemTag: text(),
      extSystemId: text(),
      extSystemLookupCode: text()
    }, optional)
  }),
  'huawei-aicc': question('huawei-aicc', {
    input: fc.record({ params: json, timestamp: time, nonce: nonEmptyText() }),
    options: fc.record({ numbers: fc.constantFrom('literal', 'java') }, optional)
  })
}

function question (
  vendor: string,
  { input, options = fc.constant({}) }: {
    input: fc.Arbitrary<object>,
    options?: fc.Arbitrary<object>
  }
) {
  return fc.record({
    vendor: fc.constant(vendor),
    input,
    options: options.map(vendorOptions => ({ ...vendorOptions, strict: false })),
    secret
  })
}
