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
    why: 'If this fails, nothing else means anything.',
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
    why: 'The order on the wire is not signed, because names are sorted.',
    requests: bench => [
      createRelease(bench, {
        params:
          `{"releaseReason":"0","called":"88880067","serviceNo":"","callSerialNo":"${serialNo}"}`
      })
    ]
  },
  {
    name: 'white-space',
    title: "white space between the JSON's parts",
    expected: 'accept',
    why: 'The parameters are signed, not the body.',
    requests: bench => [
      createRelease(bench, {
        params: `{ "callSerialNo" : "${serialNo}",\r\n "serviceNo" : "" , "called" : "88880067" }`
      })
    ]
  },
  {
    name: 'new-field',
    title: 'a field that is not documented',
    expected: 'accept',
    why:
      'The vendor may add fields, and signs them. A service that signs only known fields breaks that day.',
    requests: bench => [createRelease(bench, { params: formatParams({ queueName: 'sales' }) })]
  },
  {
    name: 'sorted-by-code-unit',
    title: 'names in capitals, and with an accent',
    expected: 'accept',
    why: 'Java sorts names by code unit. A sort by locale puts them elsewhere.',
    requests: bench => [
      createRelease(bench, { params: formatParams({ Zone: 'a', alpha: 'b', été: 'c', _x: 'd' }) })
    ]
  },
  {
    name: 'long-number',
    title: 'a serial number of 19 digits, as a number',
    expected: 'accept',
    why: 'A double loses the last digits, and so the call and the signature.',
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
    title: 'fields that are empty',
    expected: 'accept',
    why: 'An empty field is signed as "name=", never left out.',
    requests:
      bench => [createRelease(bench, { params: formatParams({ serviceNo: '', callData: '' }) })]
  },
  {
    name: 'spaces',
    title: 'spaces inside a value',
    expected: 'accept',
    why: 'Every space is removed from the signed parameters, even inside values.',
    requests:
      bench => [createRelease(bench, { params: formatParams({ callData: ' order  7 of today ' }) })]
  },
  {
    name: 'tabs',
    title: 'a tab inside a value',
    expected: 'accept',
    why: 'Only U+0020 is removed. A service that strips all white space signs another text.',
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
    title: 'a value with $& and $1 in it',
    expected: 'accept',
    why: 'A service that builds the signed text with a string replace expands these patterns.',
    requests: bench => [createRelease(bench, { params: formatParams({ callData: '$& $1 $$' }) })]
  },
  {
    name: 'plus-and-percent',
    title: 'a value with + and %2B in it',
    expected: 'accept',
    why: 'JSON values are never URL-decoded.',
    requests: bench => [createRelease(bench, { params: formatParams({ callData: '1+1%2B1' }) })]
  },
  {
    name: 'clock-behind',
    title: 'signed four and a half minutes ago',
    expected: 'accept',
    why: 'Clocks differ. Five minutes to each side are usual.',
    requests: bench => [createRelease(bench, { timestamp: String(bench.now() - 4.5 * minute) })]
  },
  {
    name: 'clock-ahead',
    title: 'signed four and a half minutes from now',
    expected: 'accept',
    why: 'The window has two sides. A sender with a fast clock is not a forger.',
    requests: bench => [createRelease(bench, { timestamp: String(bench.now() + 4.5 * minute) })]
  },
  {
    name: 'slow-body',
    title: 'a body that arrives in pieces',
    expected: 'accept',
    why: 'Networks do that.',
    requests: bench => [{ ...createRelease(bench), pauseMs: 100 }]
  },
  {
    name: 'out-of-order',
    title: 'a request signed before the previous one',
    expected: 'accept',
    why: 'Calls can end at the same time, and the network does not keep their order.',
    requests: bench => [createRelease(bench), createRelease(bench)].reverse()
  },
  {
    name: 'after-cut-connection',
    title: 'a request after a connection that broke in the body',
    expected: 'accept',
    why: 'An unfinished request must not take the service down.',
    requests: bench => [{ ...createRelease(bench), cut: true }, createRelease(bench)]
  },
  {
    name: 'sent-again',
    title: 'a callback about the same call, signed anew',
    expected: 'accept',
    why: 'The vendor repeats what it thinks was lost. The answer must be the same.',
    requests: bench => [createRelease(bench), createRelease(bench)]
  },
  {
    name: 'duplicate-delivery',
    title: 'the same callback twice, to the byte',
    expected: ({ duplicates = 'either' }) => duplicates,
    why: 'It is a retry or a replay. Refuse it, or answer as before if that changes nothing.',
    requests: (bench) => {
      const request = createRelease(bench)
      return [request, request]
    }
  },
  {
    name: 'spaces-changed',
    title: 'spaces removed after signing',
    expected: 'either',
    why: 'The signature does not cover spaces, so nobody can tell.',
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
    why: 'The vendor documents no content type. JSON is usual.',
    requests: bench => [toForm(createRelease(bench))]
  },
  {
    name: 'number-time',
    title: 'the timestamp as a number',
    expected: 'either',
    why: 'Every field is documented as text.',
    requests:
      bench => [createWithParts(bench, parts => ({ ...parts, timestamp: Number(parts.timestamp) }))]
  }
]
