import {
  type AiccFault,
  toForm,
  serialNo,
  isSuccess,
  minute,
  formatParams,
  createRelease,
  createTampered,
  createWithParts
} from './bench.ts'

/** Genuine callbacks, including those altered by the network. */
export const faultsToAccept: AiccFault[] = [
  {
    name: 'genuine',
    title: 'a genuine callback',
    expected: 'accept',
    why: 'If this fails, the other results mean nothing.',
    requests: bench => [createRelease(bench)],
    complaint: ({ status, text }) =>
      status !== 200 || isSuccess(text)
        ? undefined
        : 'The answer must be {"retCode":"0","retMsg":"success"}, both as strings.'
  },
  {
    name: 'reordered-fields',
    title: 'the fields in another order',
    expected: 'accept',
    why: 'The signature does not cover the order: the names are sorted first.',
    requests: bench => [
      createRelease(bench, {
        params:
          `{"releaseReason":"0","called":"88880067","serviceNo":"","callSerialNo":"${serialNo}"}`
      })
    ]
  },
  {
    name: 'white-space',
    title: 'white space between JSON tokens',
    expected: 'accept',
    why: 'The signature covers the parameters, not the body.',
    requests: bench => [
      createRelease(bench, {
        params: `{ "callSerialNo" : "${serialNo}",\r\n "serviceNo" : "" , "called" : "88880067" }`
      })
    ]
  },
  {
    name: 'new-field',
    title: 'an undocumented field',
    expected: 'accept',
    why:
      'The vendor may add and sign new fields. A service that checks only known fields would then refuse every callback.',
    requests: bench => [createRelease(bench, { params: formatParams({ queueName: 'sales' }) })]
  },
  {
    name: 'sorted-by-code-unit',
    title: 'names with capitals and accents',
    expected: 'accept',
    why: 'Java sorts names by code unit. A locale-aware sort gives another order.',
    requests: bench => [
      createRelease(bench, { params: formatParams({ Zone: 'a', alpha: 'b', été: 'c', _x: 'd' }) })
    ]
  },
  {
    name: 'long-number',
    title: 'a serial number of 19 digits, as a number',
    expected: 'accept',
    why: 'A double loses the last digits, so neither the call nor the signature matches.',
    requests:
      bench => [createRelease(bench, { params: formatParams().replace(`"${serialNo}"`, serialNo) })]
  },
  {
    name: 'null',
    title: 'a field that is null',
    expected: 'accept',
    why: 'Null is signed as the word "null".',
    requests: bench => [
      createRelease(bench, { params: formatParams({ callData: null, recordfile: null }) })
    ]
  },
  {
    name: 'empty',
    title: 'empty fields',
    expected: 'accept',
    why: 'An empty field is signed as "name=", never omitted.',
    requests:
      bench => [createRelease(bench, { params: formatParams({ serviceNo: '', callData: '' }) })]
  },
  {
    name: 'spaces',
    title: 'spaces inside a value',
    expected: 'accept',
    why: 'The vendor removes every space before signing, even inside values.',
    requests:
      bench => [createRelease(bench, { params: formatParams({ callData: ' order  7 of today ' }) })]
  },
  {
    name: 'tabs',
    title: 'a tab inside a value',
    expected: 'accept',
    why:
      'The vendor removes only U+0020. A service that removes all white space checks another text.',
    requests: bench => [createRelease(bench, { params: formatParams({ callData: 'order\t7' }) })]
  },
  {
    name: 'non-ascii',
    title: 'Korean, accents and an emoji',
    expected: 'accept',
    why: 'The signed text is UTF-8.',
    requests: bench => [createRelease(bench, { params: formatParams({ callData: '주문 é 😀' }) })]
  },
  {
    name: 'dollar-signs',
    title: 'a value that contains $& and $1',
    expected: 'accept',
    why: 'A service that builds the signed text with a string replace expands these patterns.',
    requests: bench => [createRelease(bench, { params: formatParams({ callData: '$& $1 $$' }) })]
  },
  {
    name: 'plus-and-percent',
    title: 'a value that contains + and %2B',
    expected: 'accept',
    why: 'JSON values are never URL-decoded.',
    requests: bench => [createRelease(bench, { params: formatParams({ callData: '1+1%2B1' }) })]
  },
  {
    name: 'clock-behind',
    title: 'signed four and a half minutes ago',
    expected: 'accept',
    why: 'Clocks differ. A window of five minutes on each side is usual.',
    requests: bench => [createRelease(bench, { timestamp: String(bench.now() - 4.5 * minute) })]
  },
  {
    name: 'clock-ahead',
    title: 'signed four and a half minutes from now',
    expected: 'accept',
    why: 'The window has two sides. A sender with a fast clock is still genuine.',
    requests: bench => [createRelease(bench, { timestamp: String(bench.now() + 4.5 * minute) })]
  },
  {
    name: 'slow-body',
    title: 'a body that arrives in pieces',
    expected: 'accept',
    why: 'Networks split bodies.',
    requests: bench => [{ ...createRelease(bench), pauseMs: 100 }]
  },
  {
    name: 'out-of-order',
    title: 'a request signed before the previous one',
    expected: 'accept',
    why: 'Calls can end at the same time, and the network may change the order.',
    requests: bench => [createRelease(bench), createRelease(bench)].reverse()
  },
  {
    name: 'after-cut-connection',
    title: 'a request after a connection that broke during the body',
    expected: 'accept',
    why: 'An unfinished request must not crash the service.',
    requests: bench => [{ ...createRelease(bench), cut: true }, createRelease(bench)]
  },
  {
    name: 'sent-again',
    title: 'a second callback of the same call, signed again',
    expected: 'accept',
    why:
      'The vendor repeats a callback if the answer is lost. The service must give the same answer.',
    requests: bench => [createRelease(bench), createRelease(bench)]
  },
  {
    name: 'duplicate-delivery',
    title: 'the same callback twice, byte for byte',
    expected: ({ duplicates = 'either' }) => duplicates,
    why:
      'It may be a retry or a replay. The service may refuse it, or give the same answer without acting twice.',
    requests: (bench) => {
      const request = createRelease(bench)
      return [request, request]
    }
  },
  {
    name: 'spaces-changed',
    title: 'spaces removed after signing',
    expected: 'either',
    why: 'The signature does not cover spaces, so the service cannot detect the change.',
    requests: bench => [
      createTampered(
        bench,
        formatParams({ callData: 'order7' }),
        formatParams({ callData: 'order 7' })
      )
    ]
  },
  {
    name: 'form',
    title: 'a form instead of JSON',
    expected: 'either',
    why: 'The vendor does not document the content type. JSON is usual.',
    requests: bench => [toForm(createRelease(bench))]
  },
  {
    name: 'number-time',
    title: 'the timestamp as a number',
    expected: 'either',
    why: 'The vendor documents every field as a string.',
    requests:
      bench => [createWithParts(bench, parts => ({ ...parts, timestamp: Number(parts.timestamp) }))]
  }
]
