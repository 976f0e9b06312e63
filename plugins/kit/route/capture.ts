import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest, RequestPayload } from 'fastify'
import { BodyNotCaptured, ContentEncodingRefused } from '../errors.ts'

const kCapture = Symbol('fastify-contact-center.capture')

interface Capture {
  readonly chunks: Uint8Array[]
  /** `failed` when bytes went past us, or exceed the limit. */
  state: 'waiting' | 'reading' | 'complete' | 'failed'
}

interface Captured {
  [kCapture]?: Capture
}

/**
 * A `preParsing` hook that keeps the bytes of the body while Fastify's own parser
 * reads them: parsers, limits and poisoning guards stay as they are, and nothing is
 * read twice.
 *
 * It waits for the parser's `data` listener before adding its own. An eager listener
 * would start the stream, and lose the end of an empty body when a later preParsing
 * hook is asynchronous. It listens to the socket's request rather than to a stream that
 * another hook put in between, because what is signed is what was on the wire; only
 * where such a hook has read everything already is its replacement listened to.
 */
export async function captureBody (
  request: FastifyRequest,
  _reply: FastifyReply,
  payload: RequestPayload
): Promise<void> {
  const holder = request as Captured
  if (holder[kCapture] !== undefined) return
  const stream = request.raw.readableDidRead ? payload as Readable : request.raw
  const capture: Capture = { chunks: [], state: stream.readableDidRead ? 'failed' : 'waiting' }
  holder[kCapture] = capture
  if (capture.state === 'failed') return

  stream.on('newListener', function begin (event: string | symbol) {
    if (event !== 'data') return
    stream.removeListener('newListener', begin)
    capture.state = 'reading'
    stream.on('data', onData)
    stream.once('end', onEnd)
  })

  const { bodyLimit } = request.routeOptions
  let size = 0

  function onData (chunk: Uint8Array | string): void {
    size += chunk.length
    // Fastify's parsers stop listening here, and those that take a stream may mind no
    // limit; keeping on would hold in memory what is refused.
    if (typeof chunk === 'string' || size > bodyLimit) {
      capture.state = 'failed'
      capture.chunks.length = 0
      stream.removeListener('data', onData)
    } else {
      capture.chunks.push(chunk)
    }
  }

  function onEnd (): void {
    if (capture.state === 'reading') capture.state = 'complete'
  }
}

/**
 * The bytes of the body as received.
 * @throws {ContentEncodingRefused} when the body is compressed: what a signature over it covers is
 * undefined
 * @throws {BodyNotCaptured} when the route had no capture, or the body was not read to its end:
 * never a fallback to "empty"
 */
export function capturedBody (request: FastifyRequest): Uint8Array {
  if (request.raw.headers['content-encoding'] !== undefined) throw new ContentEncodingRefused()
  const capture = (request as Captured)[kCapture]
  if (capture === undefined) {
    throw notCaptured(
      'the route has no capture: the hook is hidden, or the route was declared before the plugin was registered'
    )
  }
  // Nobody reads a body that the headers say is not there.
  if (capture.state === 'waiting' && saysEmpty(request.raw)) return new Uint8Array(0)
  if (capture.state !== 'complete') {
    throw notCaptured(`the body was not read to its end (${capture.state})`)
  }
  const [only] = capture.chunks
  return capture.chunks.length === 1 && only !== undefined ? only : Buffer.concat(capture.chunks)
}

/** In HTTP/2 a body needs no header, and any may follow that does not end with its headers. */
function saysEmpty (raw: IncomingMessage | Http2ServerRequest): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = raw.headers
  if (length === undefined && raw.httpVersionMajor > 1) {
    return (raw as Http2ServerRequest).stream.endAfterHeaders
  }
  return coding === undefined && (length ?? '0') === '0'
}

function notCaptured (reason: string): Error {
  return new BodyNotCaptured({ cause: new Error(reason) })
}
