import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest, RequestPayload } from 'fastify'
import {
  BodyNotCaptured,
  BodyTooLarge,
  ContentEncodingRefused,
  InputRefused,
  MediaTypeRefused,
  stacklessError
} from '../errors.ts'
import { captureFromNowOn } from './adopt-route.ts'

const kCapture = Symbol('fastify-contact-center.capture')

interface Capture {
  chunks: Uint8Array[]
  size: number
  /** The route's limit, once a byte has arrived. */
  limit: number | undefined
  /** Whether the end has been pushed: `chunks` is complete. */
  hasEnded: boolean
  /** Whether bytes may have been missed: valid only if the size equals Content-Length. */
  isLate: boolean
  /** Whether a guard has asked for the bytes. */
  isRequested: boolean
  /** Why bytes are missing through a fault of this service. */
  lossReason?: string
  readonly request: FastifyRequest
  /** The stream's own `push`, or an earlier replacement of it. */
  readonly push: Readable['push']
}

interface Captured {
  [kCapture]?: Capture
}
type Tapped = Readable & Captured

type Done = (error?: Error) => void

/**
 * A `preParsing` hook that keeps the bytes of the body while others read them: parsers, limits and
 * poisoning guards stay unchanged, and nothing is read twice.
 *
 * It does not read the stream. Node passes every chunk of a request to the stream's `push`, over
 * HTTP/1, HTTP/2 and `inject`, no matter who reads it and how; the hook replaces `push`. It has a
 * callback rather than a promise, because in one more turn of the loop a stream that another hook
 * has started could flow past it. The signature covers the bytes on the wire, so the hook watches
 * the socket's request, not a stream that another hook has put in its place. It watches such a
 * stream only if the request has already been read.
 */
export function captureBody (
  request: FastifyRequest,
  _reply: FastifyReply,
  payload: RequestPayload,
  done: Done
): void {
  const holder = request as Captured
  const { raw } = request
  holder[kCapture] ??= tapStream(request, raw.readableDidRead ? payload as Readable : raw)
  done()
}

/**
 * Provides the bytes of a body that the platform has already read, as serverless platforms do. Call
 * it before `verify` runs: in an `onRequest` or `preParsing` hook, or in a content-type parser. The
 * bytes must be exactly those received: JSON that was parsed and serialised again does not verify.
 */
export function provideBody (request: FastifyRequest, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('provideBody takes bytes, not text')
  const capture = newCapture(request, request.raw.push)
  capture.chunks = [bytes]
  capture.size = bytes.length
  capture.hasEnded = true
  ;(request as Captured)[kCapture] = capture
}

/**
 * The bytes of the body as received.
 * @throws {ContentEncodingRefused} when the body is compressed, because it is undefined which bytes
 * a signature covers then
 * @throws {MediaTypeRefused} when the body is unread, because the parser of its type leaves it to
 * the handler
 * @throws {BodyTooLarge} when it exceeds the route's limit
 * @throws {InputRefused} when the sender disconnected
 * @throws {BodyNotCaptured} when the route had no capture, or an earlier hook consumed bytes: it
 * never falls back to an empty body
 */
export function capturedBody (request: FastifyRequest): Uint8Array {
  const { raw } = request
  assertNotEncoded(raw.headers['content-encoding'])
  const capture = (request as Captured)[kCapture]
  if (capture !== undefined) capture.isRequested = true
  // Without a body, nothing pushes to the stream.
  if ((capture?.size ?? 0) === 0 && declaresNoBody(raw)) return new Uint8Array(0)
  if (capture === undefined) throw missingCaptureError(request)
  const { chunks, lossReason } = capture
  if (lossReason !== undefined) throw captureError(lossReason)
  if (capture.limit !== undefined && capture.size > capture.limit) throw new BodyTooLarge()
  if (capture.isLate && String(capture.size) !== contentLength(raw)) {
    throw captureError(
      'an earlier hook or middleware read bytes of the body and did not put them back'
    )
  }
  // Over HTTP/2, the stream of a disconnected request ends like any other.
  if (raw.aborted) throw new InputRefused({ cause: stacklessError('the sender disconnected') })
  if (!capture.hasEnded && !capture.isLate) {
    throw new MediaTypeRefused({
      cause: stacklessError(
        'the body is unread: the parser of its media type leaves it to the handler, but a signed ' +
          'body must be read first'
      )
    })
  }
  if (chunks.length !== 1) capture.chunks = [Buffer.concat(chunks)]
  return capture.chunks[0] as Uint8Array
}

/** Whether {@link capturedBody} was called for this request and its body is captured. */
export function isBodyRequested (request: FastifyRequest): boolean {
  return (request as Captured)[kCapture]?.isRequested === true
}

function newCapture (request: FastifyRequest, push: Readable['push']): Capture {
  return {
    chunks: [],
    size: 0,
    limit: undefined,
    hasEnded: false,
    isLate: false,
    isRequested: false,
    request,
    push
  }
}

function tapStream (request: FastifyRequest, stream: Tapped): Capture {
  const capture = newCapture(request, stream.push)
  if (typeof stream.push !== 'function') {
    capture.lossReason =
      'a preParsing hook replaced the request with something that is not a Node.js stream'
    return capture
  }
  stream[kCapture] = capture
  stream.push = pushTapped
  if (stream.readableDidRead || stream.readableLength > 0 || stream !== request.raw) {
    joinLate(capture, stream)
  }
  return capture
}

/** One function for all requests, so that none needs a closure. */
function pushTapped (this: Tapped, chunk: unknown, encoding?: BufferEncoding): boolean {
  const capture = this[kCapture] as Capture
  if (chunk === null) capture.hasEnded = true
  else keepChunk(capture, chunk, encoding)
  return capture.push.call(this, chunk, encoding)
}

function keepChunk (capture: Capture, chunk: unknown, encoding: BufferEncoding | undefined): void {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
  if (!(bytes instanceof Uint8Array)) {
    capture.lossReason = 'a preParsing hook replaced the body with a stream of objects'
    capture.chunks.length = 0
    return
  }
  capture.size += bytes.length
  capture.limit ??= capture.request.routeOptions.bodyLimit
  // Fastify's parsers stop at the limit, but stream parsers may not: do not hold in memory a body
  // that will be refused.
  if (capture.size > capture.limit) capture.chunks.length = 0
  else capture.chunks.push(bytes)
}

/** For a stream that received bytes before: an earlier hook was asynchronous, or has read some. */
function joinLate (capture: Capture, stream: Readable): void {
  capture.isLate = stream.readableDidRead
  capture.hasEnded = stream.readableEnded || (stream as Partial<IncomingMessage>).complete === true
  stream.once('end', () => {
    capture.hasEnded = true
  })
  if (stream.readableLength === 0) return
  const encoding = stream.readableEncoding ?? undefined
  const chunks = bufferedChunks(stream)
  if (chunks === undefined) {
    capture.lossReason = 'bytes that arrived before the capture are out of reach'
  }
  for (const chunk of chunks ?? []) keepChunk(capture, chunk, encoding)
}

/**
 * The chunks in a stream's buffer. Where Node exposes them they are not read, because `read` would
 * mark the stream as read.
 */
function bufferedChunks (stream: Readable): readonly unknown[] | undefined {
  const { readableBuffer = [] } = stream as { readableBuffer?: Iterable<unknown> }
  // Chunks that were read are null until Node removes them.
  const exposed = [...readableBuffer].filter(chunk => chunk !== null)
  const exposedLength = stream.readableObjectMode
    ? exposed.length
    : (exposed as Uint8Array[]).reduce((length, chunk) => length + chunk.length, 0)
  if (exposedLength === stream.readableLength) return exposed
  if (stream.readableFlowing === true || stream.readableObjectMode) return undefined
  const buffered: unknown = stream.read()
  stream.unshift(buffered)
  return [buffered]
}

/** `identity` means not encoded. */
function assertNotEncoded (header: string | undefined): void {
  if (header === undefined) return
  if (header.split(',').some(coding => coding.trim().toLowerCase() !== 'identity')) {
    throw new ContentEncodingRefused()
  }
}

/** In HTTP/2 a body needs no header: one may follow unless the stream ends with the headers. */
function declaresNoBody (raw: IncomingMessage | Http2ServerRequest): boolean {
  const length = contentLength(raw)
  if (length === undefined && raw.httpVersionMajor > 1) {
    return (raw as Http2ServerRequest).stream.endAfterHeaders
  }
  return raw.headers['transfer-encoding'] === undefined && (length ?? '0') === '0'
}

/** As text, because a schema may have turned it into a number. */
function contentLength (raw: IncomingMessage | Http2ServerRequest): string | undefined {
  const length: unknown = raw.headers['content-length']
  return length === undefined ? undefined : String(length)
}

/** Routes of methods without a body have no capture; no vendor sends a body there. */
function missingCaptureError (request: FastifyRequest): Error {
  if (request.method === 'GET' || request.method === 'HEAD') {
    return new InputRefused({ cause: stacklessError(`a ${request.method} request has no body`) })
  }
  return captureError(
    captureFromNowOn(request, captureBody)
      ? 'the plugin did not know that the route verifies: its handler calls verify for some requests ' +
        'only, or it accepts large bodies, answers unknown addresses, or was declared before the ' +
        'plugin or outside its scope. Its bodies are captured from now on; to capture them from ' +
        'the start, add config: { contactCenter: { capture: true } }'
      : 'the config of the route has contactCenter: { capture: false }, or this Fastify does not ' +
        'show its routes and the config needs contactCenter: { capture: true }'
  )
}

function captureError (reason: string): Error {
  return new BodyNotCaptured({ cause: new Error(reason) })
}
