import {
  type AiccFault,
  asForm,
  call,
  isSuccess,
  minute,
  release,
  released,
  tampered,
  withParts
} from './bench.ts'

/** What comes from Huawei, and what may be the network's doing. */
export const accepted: AiccFault[] = [
  {
    name: 'genuine',
    title: 'what Huawei sends',
    expected: 'accept',
    why: 'Nothing else is worth looking at before this works.',
    requests: bench => [released(bench)],
    complaint: ({ status, text }) =>
      status !== 200 || isSuccess(text)
        ? undefined
        : 'The answer must be {"retCode":"0","retMsg":"success"}, both as strings.'
  },
  {
    name: 'reordered-fields',
    title: 'the fields in another order',
    expected: 'accept',
    why: 'The order on the wire is not signed: names are sorted.',
    requests: bench => [
      released(bench, {
        params: `{"releaseReason":"0","called":"88880067","serviceNo":"","callSerialNo":"${call}"}`
      })
    ]
  },
  {
    name: 'white-space',
    title: "white space between the JSON's parts",
    expected: 'accept',
    why: 'Parameters are signed, not the body.',
    requests: bench => [
      released(bench, {
        params: `{ "callSerialNo" : "${call}",\r\n "serviceNo" : "" , "called" : "88880067" }`
      })
    ]
  },
  {
    name: 'new-field',
    title: 'a field that is not documented',
    expected: 'accept',
    why: 'The vendor may add fields, and signs them: who signs known ones alone breaks that day.',
    requests: bench => [released(bench, { params: release({ queueName: 'sales' }) })]
  },
  {
    name: 'sorted-by-code-unit',
    title: 'names in capitals, and with an accent',
    expected: 'accept',
    why: 'Names are sorted by code unit, as Java does: a sort by locale puts them elsewhere.',
    requests:
      bench => [released(bench, { params: release({ Zone: 'a', alpha: 'b', été: 'c', _x: 'd' }) })]
  },
  {
    name: 'long-number',
    title: 'a serial number of 19 digits, as a number',
    expected: 'accept',
    why: 'A double loses its last digits, and with them the call and the signature.',
    requests: bench => [released(bench, { params: release().replace(`"${call}"`, call) })]
  },
  {
    name: 'null',
    title: 'a field that is null',
    expected: 'accept',
    why: 'Null is signed as the word null.',
    requests: bench => [released(bench, { params: release({ callData: null, recordfile: null }) })]
  },
  {
    name: 'empty',
    title: 'fields that are empty',
    expected: 'accept',
    why: 'An empty field is signed as "name=", never left out.',
    requests: bench => [released(bench, { params: release({ serviceNo: '', callData: '' }) })]
  },
  {
    name: 'spaces',
    title: 'spaces inside a value',
    expected: 'accept',
    why: 'Every space is taken out of the signed parameters, inside of values too.',
    requests: bench => [released(bench, { params: release({ callData: ' order  7 of today ' }) })]
  },
  {
    name: 'tabs',
    title: 'a tab inside a value',
    expected: 'accept',
    why: 'Only U+0020 is taken out: who strips all white space signs another text.',
    requests: bench => [released(bench, { params: release({ callData: 'order\t7' }) })]
  },
  {
    name: 'non-ascii',
    title: 'Korean, accents and an emoji',
    expected: 'accept',
    why: 'The signed text is UTF-8.',
    requests: bench => [released(bench, { params: release({ callData: '주문 é 😀' }) })]
  },
  {
    name: 'dollar-signs',
    title: 'a value with $& and $1 in it',
    expected: 'accept',
    why: 'Replacement patterns spoil a signed text that is put together with a string replace.',
    requests: bench => [released(bench, { params: release({ callData: '$& $1 $$' }) })]
  },
  {
    name: 'plus-and-percent',
    title: 'a value with + and %2B in it',
    expected: 'accept',
    why: 'JSON values are never URL-decoded.',
    requests: bench => [released(bench, { params: release({ callData: '1+1%2B1' }) })]
  },
  {
    name: 'clock-behind',
    title: 'signed four and a half minutes ago',
    expected: 'accept',
    why: 'Clocks differ; five minutes to each side are usual.',
    requests: bench => [released(bench, { timestamp: String(bench.now() - 4.5 * minute) })]
  },
  {
    name: 'clock-ahead',
    title: 'signed four and a half minutes from now',
    expected: 'accept',
    why: 'The window has two sides: a sender whose clock is ahead is no forger.',
    requests: bench => [released(bench, { timestamp: String(bench.now() + 4.5 * minute) })]
  },
  {
    name: 'slow-body',
    title: 'a body that comes in pieces',
    expected: 'accept',
    why: 'Networks do that.',
    requests: bench => [{ ...released(bench), pauseMs: 100 }]
  },
  {
    name: 'out-of-order',
    title: 'one signed before the one that came before it',
    expected: 'accept',
    why: 'Calls end at once, and the network keeps no order.',
    requests: bench => [released(bench), released(bench)].reverse()
  },
  {
    name: 'after-cut-connection',
    title: 'the next one after a connection that was cut in the body',
    expected: 'accept',
    why: 'A request that never ended must not take the service down.',
    requests: bench => [{ ...released(bench), cut: true }, released(bench)]
  },
  {
    name: 'sent-again',
    title: 'a callback about the same call, signed anew',
    expected: 'accept',
    why: 'The vendor tries again what it thinks was lost: the answer is the same as before.',
    requests: bench => [released(bench), released(bench)]
  },
  {
    name: 'duplicate-delivery',
    title: 'the same callback twice, to the byte',
    expected: ({ duplicates = 'either' }) => duplicates,
    why:
      'A retry or a replay: it may be refused, or answered as before where taking it again changes nothing.',
    requests: (bench) => {
      const request = released(bench)
      return [request, request]
    }
  },
  {
    name: 'spaces-changed',
    title: 'spaces taken away after signing',
    expected: 'either',
    why: "The vendor's signature does not cover spaces, so nobody can tell.",
    requests:
      bench => [tampered(bench, release({ callData: 'order7' }), release({ callData: 'order 7' }))]
  },
  {
    name: 'form',
    title: 'a form instead of JSON',
    expected: 'either',
    why: 'The vendor documents no content type; JSON is what is usual.',
    requests: bench => [asForm(released(bench))]
  },
  {
    name: 'number-time',
    title: 'the timestamp as a number',
    expected: 'either',
    why: 'Every field is documented as text.',
    requests:
      bench => [withParts(bench, parts => ({ ...parts, timestamp: Number(parts.timestamp) }))]
  }
]
