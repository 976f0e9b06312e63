import { convertToUtf8 } from '../../../cli/encoding.ts'
import { parseHttpMessage } from '../../../cli/http-file.ts'
import { UsageError } from '../../../cli/usage-error.ts'
import type { Target } from '../target.ts'
import { mustHold } from './must.ts'

/**
 * The CLI's request files: invalid ones are refused with a named error, and the body is every byte
 * after the head.
 */
export const httpFile: Target = {
  name: 'http-file',
  about: ['cli/http-file.ts', 'cli/encoding.ts'],
  tokens: [
    'POST /a HTTP/1.1\r\n',
    'GET http://h/x?y=1 HTTP/1.1\n',
    'Host: h\r\n',
    '\r\n\r\n',
    '\n\n',
    'Content-Length: 2\r\n',
    'A:\t b \t\r\n',
    ' folded\r\n',
    ': x\r\n',
    '\u0000',
    '{"a":1}',
    '\ufeff',
    '\u00ff\u00fe',
    '\r',
    'X-TC-Timestamp: 1660095873001\r\n'
  ],
  check (bytes) {
    let message
    let text
    try {
      message = parseHttpMessage(bytes)
      // As UTF-8, because captures may be UTF-16.
      text = Buffer.from(convertToUtf8(bytes, 'the request').bytes)
    } catch (error) {
      if (error instanceof UsageError) return
      throw error
    }
    const { method, target, headers, body } = message
    mustHold(/^[A-Z]+$/.test(method) && /^[!-~]*$/.test(target), 'a request line that is none')
    mustHold(
      Buffer.from(body).equals(text.subarray(text.length - body.length)),
      'the body is not the end of the file'
    )
    const head = text.subarray(0, text.length - body.length).toString('latin1')
    mustHold(body.length === 0 || /(?:^|\n)\r?\n$/.test(head), 'no empty line before the body')
    for (const [name, value] of headers) {
      mustHold(
        name === name.toLowerCase() && !/\n/.test(value) && head.toLowerCase().includes(`${name}:`),
        'a header that is not there'
      )
    }
  }
}
