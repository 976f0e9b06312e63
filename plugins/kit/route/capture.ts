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
  /** Whether the end has been pushed: nothing comes after what is in `chunks`. */
  ended: boolean
  /** Whether bytes may have gone by: good only if as many are here as Content-Length says. */
  late: boolean
  /** Whether somebody wanted to see the bytes. */
  asked: boolean
  /** Why bytes are missing that this service should have kept. */
  lost?: string
  readonly request: FastifyRequest
  /** The stream's own `push`, or another's who came before. */
  readonly push: Readable['push']
}

interface Captured {
  [kCapture]?: Capture
}
type Tapped = Readable & Captured

type Done = (error?: Error) => void

/**
 * A `preParsing` hook that keeps the bytes of the body while others read them: parsers, limits and
 * poisoning guards stay as they are, and nothing is read twice.
 *
 * It reads nothing itself. Node hands every chunk of a request to the stream's `push`, over HTTP/1,
 * HTTP/2 and under `inject`, whoever reads the stream and in whatever way; there it is seen. The
 * hook takes a callback, because one more turn of the loop would let a stream that another hook has
 * started run off. What is signed is what was on the wire, so it watches the socket's request
 * rather than a stream that another hook put in its place; only where such a hook has read the
 * request already is its replacement watched.
 */
export function captureBody (
  request: FastifyRequest,
  _reply: FastifyReply,
  payload: RequestPayload,
  done: Done
): void {
  const holder = request as Captured
  const { raw } = request
  holder[kCapture] ??= tap(request, raw.readableDidRead ? payload as Readable : raw)
  done()
}

/**
 * Hands in the bytes of a body that the platform has read already, as serverless platforms do. Call
 * it before `verify` runs: in an `onRequest` or `preParsing` hook, or in a content-type parser. The
 * bytes must be as they were on the wire: text that was parsed and written again does not verify.
 */
export function provideBody (request: FastifyRequest, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('provideBody takes bytes, not text')
  const capture = newCapture(request, request.raw.push)
  capture.chunks = [bytes]
  capture.size = bytes.length
  capture.ended = true
  ;(request as Captured)[kCapture] = capture
}

/**
 * The bytes of the body as received.
 * @throws {ContentEncodingRefused} when the body is compressed: what a signature over it covers is
 * undefined
 * @throws {MediaTypeRefused} when nobody has read the body: it is of a type that is left to the
 * handler
 * @throws {BodyTooLarge} when it exceeds the route's limit
 * @throws {InputRefused} when the sender broke off
 * @throws {BodyNotCaptured} when the route had no capture, or a hook took bytes before it: never a
 * fallback to "empty"
 */
export function capturedBody (request: FastifyRequest): Uint8Array {
  const { raw } = request
  assertNotEncoded(raw.headers['content-encoding'])
  const capture = (request as Captured)[kCapture]
  if (capture !== undefined) capture.asked = true
  // Nobody reads a body that the headers say is not there.
  if ((capture?.size ?? 0) === 0 && saysEmpty(raw)) return new Uint8Array(0)
  if (capture === undefined) throw uncaptured(request)
  const { chunks, lost } = capture
  if (lost !== undefined) throw notCaptured(lost)
  if (capture.limit !== undefined && capture.size > capture.limit) throw new BodyTooLarge()
  if (capture.late && String(capture.size) !== contentLength(raw)) {
    throw notCaptured(
      'an earlier hook or middleware read bytes of the body and did not put them back'
    )
  }
  // Over HTTP/2, a request that is broken off ends as any other does.
  if (raw.aborted) throw new InputRefused({ cause: stacklessError('the sender disconnected') })
  if (!capture.ended && !capture.late) {
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

/** Whether {@link capturedBody} has been called for a request whose body is kept. */
export function wasAskedFor (request: FastifyRequest): boolean {
  return (request as Captured)[kCapture]?.asked === true
}

function newCapture (request: FastifyRequest, push: Readable['push']): Capture {
  return {
    chunks: [],
    size: 0,
    limit: undefined,
    ended: false,
    late: false,
    asked: false,
    request,
    push
  }
}

function tap (request: FastifyRequest, stream: Tapped): Capture {
  const capture = newCapture(request, stream.push)
  if (typeof stream.push !== 'function') {
    capture.lost =
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

/** Shared by all requests: no closure is made for any of them. */
function pushTapped (this: Tapped, chunk: unknown, encoding?: BufferEncoding): boolean {
  const capture = this[kCapture] as Capture
  if (chunk === null) capture.ended = true
  else keep(capture, chunk, encoding)
  return capture.push.call(this, chunk, encoding)
}

function keep (capture: Capture, chunk: unknown, encoding: BufferEncoding | undefined): void {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
  if (!(bytes instanceof Uint8Array)) {
    capture.lost = 'a preParsing hook replaced the body with a stream of objects'
    capture.chunks.length = 0
    return
  }
  capture.size += bytes.length
  capture.limit ??= capture.request.routeOptions.bodyLimit
  // Fastify's parsers stop here, those that take a stream may mind no limit; keeping on would hold
  // in memory what is refused.
  if (capture.size > capture.limit) capture.chunks.length = 0
  else capture.chunks.push(bytes)
}

/** Bytes came before the tap: an earlier hook was asynchronous, or has read some. */
function joinLate (capture: Capture, stream: Readable): void {
  capture.late = stream.readableDidRead
  capture.ended = stream.readableEnded || (stream as Partial<IncomingMessage>).complete === true
  stream.once('end', () => {
    capture.ended = true
  })
  if (stream.readableLength === 0) return
  const encoding = stream.readableEncoding ?? undefined
  const chunks = bufferedChunks(stream)
  if (chunks === undefined) capture.lost = 'bytes that arrived before the capture are out of reach'
  for (const chunk of chunks ?? []) keep(capture, chunk, encoding)
}

/**
 * What a stream holds. Where Node shows it, it is looked at and no more: `read` would count as
 * reading.
 */
function bufferedChunks (stream: Readable): readonly unknown[] | undefined {
  const { readableBuffer = [] } = stream as { readableBuffer?: Iterable<unknown> }
  // What has been read from is null until Node cuts it off.
  const shown = [...readableBuffer].filter(chunk => chunk !== null)
  const sum = stream.readableObjectMode
    ? shown.length
    : (shown as Uint8Array[]).reduce((length, chunk) => length + chunk.length, 0)
  if (sum === stream.readableLength) return shown
  if (stream.readableFlowing === true || stream.readableObjectMode) return undefined
  const all: unknown = stream.read()
  stream.unshift(all)
  return [all]
}

/** `identity` says that nothing was done. */
function assertNotEncoded (header: string | undefined): void {
  if (header === undefined) return
  if (header.split(',').some(coding => coding.trim().toLowerCase() !== 'identity')) {
    throw new ContentEncodingRefused()
  }
}

/** In HTTP/2 a body needs no header, and any may follow that does not end with its headers. */
function saysEmpty (raw: IncomingMessage | Http2ServerRequest): boolean {
  const length = contentLength(raw)
  if (length === undefined && raw.httpVersionMajor > 1) {
    return (raw as Http2ServerRequest).stream.endAfterHeaders
  }
  return raw.headers['transfer-encoding'] === undefined && (length ?? '0') === '0'
}

/** As text, whatever a schema has made of it. */
function contentLength (raw: IncomingMessage | Http2ServerRequest): string | undefined {
  const length: unknown = raw.headers['content-length']
  return length === undefined ? undefined : String(length)
}

/** Routes of methods without a body are left alone; who sends one there is a stranger. */
function uncaptured (request: FastifyRequest): Error {
  if (request.method === 'GET' || request.method === 'HEAD') {
    return new InputRefused({ cause: stacklessError(`a ${request.method} request has no body`) })
  }
  return notCaptured(
    captureFromNowOn(request, captureBody)
      ? 'the plugin did not know that the route verifies: its handler calls verify for some requests ' +
        'only, or it accepts large bodies, answers unknown addresses, or was declared before the ' +
        'plugin or outside its scope. Its bodies are captured from now on; to capture them from ' +
        'the start, add config: { contactCenter: { capture: true } }'
      : 'the config of the route has contactCenter: { capture: false }, or this Fastify does not ' +
        'show its routes and the config needs contactCenter: { capture: true }'
  )
}

function notCaptured (reason: string): Error {
  return new BodyNotCaptured({ cause: new Error(reason) })
}
