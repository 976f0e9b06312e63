import type { HttpMessage } from 'fastify-contact-center/explain'
import { convertToUtf8 } from './encoding.ts'
import { UsageError } from './usage-error.ts'

/**
 * Parses a raw request: request line, headers, an empty line, and the body, which is every byte
 * that follows. Lines of the head may end with CRLF or LF. The target may be a whole URL, as some
 * tools write it. A byte-order mark and UTF-16 are accepted too.
 * @throws {UsageError} on an invalid head, naming the line
 */
export function parseHttpMessage (file: Uint8Array): HttpMessage {
  const { bytes } = convertToUtf8(file, 'the request')
  const { lines: [requestLine = '', ...headerLines], bodyStart } = readHead(bytes)
  const [, method, target] = /^([A-Z]+) ([!-~]+)(?: HTTP\/[0-9.]+)?$/.exec(requestLine) ?? []
  if (method === undefined || target === undefined) {
    throw new UsageError(
      /^[>*] /.test(requestLine)
        ? "this is curl's log: keep the lines that begin with '> ' without that mark, then add an empty line and the body that you sent"
        : 'the request must begin with a request line: POST /path HTTP/1.1'
    )
  }
  const headers = new Map<string, string>()
  headerLines.forEach((line, index) => {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) {
      throw new UsageError(
        `line ${index + 2} of the request is not a header; put an empty line after the last header`
      )
    }
    if (!headers.has(name.toLowerCase())) {
      headers.set(name.toLowerCase(), value.replace(/^[ \t]+|(?<![ \t])[ \t]+$/g, ''))
    }
  })
  return {
    method,
    target: target.replace(/^https?:\/\/[^/?]*/i, ''),
    headers,
    body: bytes.subarray(bodyStart)
  }
}

/** Oddities of the request that could make a right signature look wrong. */
export function findOddities ({ headers, body }: HttpMessage): string[] {
  const length = headers.get('content-length')
  const oddities = []
  if (length !== undefined && length !== String(body.length)) {
    oddities.push(
      `Content-Length is ${length}, but ${body.length} bytes follow the headers: was a line end added, or the body copied as text?`
    )
  }
  for (const name of ['transfer-encoding', 'content-encoding']) {
    if (headers.has(name)) {
      oddities.push(
        `the request has a ${name} header, but its body is used exactly as it is in the file`
      )
    }
  }
  return oddities
}

/** The lines of the head, in Latin-1 as Node's parser reads them, and the start of the body. */
function readHead (bytes: Uint8Array): { lines: string[], bodyStart: number } {
  const lines: string[] = []
  let start = 0
  while (start < bytes.length) {
    const lineEnd = bytes.indexOf(0x0a, start)
    const nextStart = lineEnd < 0 ? bytes.length : lineEnd + 1
    const line = Buffer.from(bytes.subarray(start, nextStart)).toString('latin1').replace(
      /\r?\n$/,
      ''
    )
    start = nextStart
    if (line === '') break
    lines.push(line)
  }
  return { lines, bodyStart: start }
}
