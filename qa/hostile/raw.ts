import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { genuine, type Genuine, saysNo, type Vendor } from './vendors.ts'

interface Reply {
  status: number
  head: string
  body: string
}

/**
 * The parts to write. A number is a pause in milliseconds; `END` and `CUT` close the connection.
 */
export type Part = string | Buffer | number | 'END' | 'CUT'

/** Writes the raw parts and returns the replies once the server closes the connection. */
async function exchange (
  port: number,
  parts: readonly Part[]
): Promise<{ replies: Reply[], hasTimedOut: boolean }> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  const chunks: Buffer[] = []
  socket.on('data', chunk => {
    chunks.push(chunk)
  })
  socket.on('error', () => {})
  socket.on('end', () => {
    socket.end()
  })
  const closed = new Promise<false>(resolve => socket.on('close', () => resolve(false)))
  const deadline = new AbortController()
  for (const part of joinParts(parts)) {
    if (part === 'END') socket.end()
    else if (part === 'CUT') socket.destroy()
    else if (typeof part === 'number') await wait(part)
    else if (socket.writable) await new Promise(resolve => socket.write(part, resolve))
  }
  const hasTimedOut = await Promise.race([
    closed,
    wait(10_000, true, { signal: deadline.signal }).catch(() => true)
  ])
  deadline.abort()
  socket.destroy()
  return { replies: parseReplies(Buffer.concat(chunks)), hasTimedOut }
}

/** The replies to the parts, one word each. */
export async function verdicts (
  port: number,
  vendor: Vendor,
  parts: readonly Part[]
): Promise<string> {
  const { replies, hasTimedOut } = await exchange(port, parts)
  return hasTimedOut ? 'hung' : replies.map(reply => verdict(vendor, reply)).join(', ')
}

/** The verdict on a genuine request: `in`, regardless of earlier requests. */
export async function sendGenuine (port: number, vendor: Vendor): Promise<string> {
  return await verdicts(port, vendor, [serializeRequest(genuine(vendor))])
}

/**
 * Joins parts without a pause into one packet: a server that closes early would otherwise reset the
 * rest, and lose its reply.
 */
function joinParts (parts: readonly Part[]): Part[] {
  const packets: Part[] = []
  for (const part of parts) {
    const last = packets.at(-1)
    if (isBytes(part) && last !== undefined && isBytes(last)) {
      packets.splice(-1, 1, Buffer.concat([Buffer.from(last), Buffer.from(part)]))
    } else packets.push(part)
  }
  return packets
}

function isBytes (part: Part): part is string | Buffer {
  return typeof part !== 'number' && part !== 'END' && part !== 'CUT'
}

function parseReplies (bytes: Buffer): Reply[] {
  const replies: Reply[] = []
  for (let offset = 0; offset < bytes.length;) {
    const end = bytes.indexOf('\r\n\r\n', offset)
    if (end < 0) throw new Error(`not a reply: ${bytes.subarray(offset).toString()}`)
    const head = bytes.subarray(offset, end).toString('latin1')
    const status = Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(head)?.[1])
    const length = Number(/^content-length: ([0-9]+)/mi.exec(head)?.[1] ?? 0)
    offset = end + 4 + length
    // 100 Continue is not a final reply.
    if (status >= 200) {
      replies.push({ status, head, body: bytes.subarray(end + 4, offset).toString() })
    }
  }
  return replies
}

/**
 * A reply in one word: accepted, refused in the vendor's shape with a status, or refused by HTTP
 * itself.
 */
function verdict (vendor: Vendor, { status, body }: Reply): string {
  if (status === 200) return /^\{"let":"in"/.test(body) ? 'in' : `odd: ${body}`
  let shape: Record<string, unknown>
  try {
    shape = JSON.parse(body) as Record<string, unknown>
  } catch {
    return `http ${status}`
  }
  return shape['statusCode'] === undefined && saysNo[vendor](shape)
    ? `no ${status}`
    : `http ${status}`
}

/** The head on the wire. Adds the length of a body unless the case sets one. */
export function head ({ method, target, version, headers, body }: Genuine): string {
  const framed = body.length === 0 ||
    headers.some(([name]) => /^(?:content-length|transfer-encoding)\s*$/i.test(name))
  const lines = [...headers, ...framed ? [] : [['Content-Length', String(body.length)] as const]]
    .map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${target} ${version}`, ...lines, '', ''].join('\r\n')
}

export function serializeRequest (request: Genuine): Buffer {
  return Buffer.concat([Buffer.from(head(request), 'latin1'), request.body])
}

export function chunk (
  bytes: Buffer | string,
  size = Buffer.byteLength(bytes).toString(16)
): Buffer {
  return Buffer.concat([Buffer.from(`${size}\r\n`), Buffer.from(bytes), Buffer.from('\r\n')])
}
