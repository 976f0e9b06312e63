import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest, RequestPayload } from 'fastify'
import {
  BodyNotCaptured,
  BodyTooLarge,
  ContentEncodingRefused,
  MediaTypeRefused,
  stacklessError
} from '../errors.ts'

const kCapture = Symbol('fastify-contact-center.capture')

interface Capture {
  readonly chunks: Uint8Array[]
  size: number
  /** Most bytes that are kept; beyond them the body is let go. */
  readonly limit: number
  /** Whether the end of the body was seen. */
  ended: boolean
  /** Why there are no bytes to give. */
  lost: 'none' | 'late' | 'too large' | 'no bytes'
  /** What the stream's `push` was before. */
  readonly push: Readable['push']
}

interface Holder {
  [kCapture]?: Capture
}

/**
 * A `preParsing` hook that keeps the bytes of the body while others read them: parsers, limits and
 * poisoning guards stay as they are, and nothing is read twice.
 *
 * It reads nothing itself. Node hands every chunk of a request to the stream's `push`, over HTTP/1,
 * HTTP/2 and under `inject`, whoever reads the stream and in whatever way; there it is seen. The
 * hook takes a callback, because one more turn of the loop would let a stream that another hook has
 * started run off. What is signed is what was on the wire, so it watches the socket's request
 * rather than a stream that another hook put in its place; only where such a hook has read
 * everything already is its replacement watched.
 */
export function captureBody (
  request: FastifyRequest,
  _reply: FastifyReply,
  payload: RequestPayload,
  done: () => void
): void {
  const raw = request.raw as typeof request.raw & Holder
  if (raw[kCapture] === undefined) {
    const stream = raw.readableDidRead ? payload as Readable : raw
    raw[kCapture] = watch(stream, request.routeOptions.bodyLimit)
  }
  done()
}

/**
 * Hands in the bytes of a body that a platform has read already, such as `rawBody` of a serverless
 * function. Call it in an `onRequest` or `preParsing` hook; what it is given must be the bytes as
 * they were sent, not a text made of the parsed body.
 */
export function provideBody (request: FastifyRequest, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('the body must be given as bytes')
  const raw = request.raw as typeof request.raw & Holder
  raw[kCapture] = { ...emptyCapture(bytes.length, raw.push), chunks: [bytes], ended: true }
}

/**
 * The bytes of the body as received.
 * @throws {ContentEncodingRefused} when the body is compressed: what a signature over it covers is
 * undefined
 * @throws {MediaTypeRefused} when nobody read the body to its end, as with multipart bodies
 * @throws {BodyTooLarge} when the body exceeds the route's limit, which a parser of streams may not
 * mind
 * @throws {BodyNotCaptured} when the route has no capture, or bytes had gone by before it: never a
 * fallback to "empty"
 */
export function capturedBody (request: FastifyRequest): Uint8Array {
  const raw = request.raw as typeof request.raw & Holder
  if (isEncoded(raw.headers['content-encoding'])) throw new ContentEncodingRefused()
  const capture = raw[kCapture]
  // Nobody reads a body that the headers say is not there.
  if ((capture === undefined || isUntouched(capture)) && saysEmpty(raw)) return new Uint8Array(0)
  if (capture === undefined) {
    throw notCaptured(
      'the route has no capture: it was declared before the plugin was registered, or outside of ' +
        'its scope, or its config says contactCenter: { capture: false }'
    )
  }
  if (capture.lost === 'too large') throw new BodyTooLarge()
  if (capture.lost === 'late') throw notCaptured('the body was being read before it was captured')
  if (capture.lost === 'no bytes') {
    throw notCaptured('another hook put objects in place of the body')
  }
  if (!capture.ended) {
    throw new MediaTypeRefused({
      cause: stacklessError(
        'nobody has read the body: no parser of its media type does, or verify stands in a hook ' +
          'before it is read'
      )
    })
  }
  const [only] = capture.chunks
  return capture.chunks.length === 1 && only !== undefined ? only : Buffer.concat(capture.chunks)
}

function emptyCapture (limit: number, push: Readable['push']): Capture {
  return { chunks: [], size: 0, limit, ended: false, lost: 'none', push }
}

function watch (stream: Readable & Holder, limit: number): Capture {
  const capture = emptyCapture(limit, stream.push)
  if (stream.readableDidRead) {
    capture.lost = 'late'
    return capture
  }
  stream[kCapture] = capture
  if (stream.readableLength > 0) keepBuffered(stream, capture)
  // All that will be pushed has been.
  if (endWasPushed(stream)) capture.ended = true
  else stream.push = pushAndKeep
  return capture
}

/** In place of a stream's `push`: one function for all requests. */
function pushAndKeep (this: Readable & Holder, chunk: unknown, encoding?: BufferEncoding): boolean {
  // It was put there together with the capture.
  const capture = this[kCapture] as Capture
  if (chunk === null) capture.ended = true
  else keep(capture, chunk, encoding)
  return capture.push.call(this, chunk, encoding)
}

function keep (capture: Capture, chunk: unknown, encoding?: BufferEncoding): void {
  if (capture.lost !== 'none') return
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
  if (!(bytes instanceof Uint8Array)) {
    letGo(capture, 'no bytes')
    return
  }
  capture.size += bytes.length
  // Fastify's parsers stop here, and those that take a stream may mind no limit: keeping on would
  // hold in memory what is refused.
  if (capture.size > capture.limit) letGo(capture, 'too large')
  else capture.chunks.push(bytes)
}

function letGo (capture: Capture, why: 'too large' | 'no bytes'): void {
  capture.lost = why
  capture.chunks.length = 0
}

/**
 * Keeps what arrived while an earlier hook took its time. A stream that flows already hands it to
 * its listeners, and so to us; from another one it is taken, and put back.
 */
function keepBuffered (stream: Readable, capture: Capture): void {
  const encoding = stream.readableEncoding ?? undefined
  if (stream.readableFlowing !== true) {
    const early: unknown = stream.read()
    if (early === null) return
    keep(capture, early, encoding)
    stream.unshift(early, encoding)
    return
  }
  let left = stream.readableLength
  const early: Capture = { ...capture, chunks: [] }
  stream.prependListener('data', function keepEarly (chunk: Uint8Array | string) {
    keep(early, chunk, encoding)
    left -= chunk.length
    if (left > 0) return
    stream.removeListener('data', keepEarly)
    // Before what may have been pushed meanwhile.
    for (const bytes of early.chunks) capture.size += bytes.length
    capture.chunks.unshift(...early.chunks)
    if (early.lost !== 'none') capture.lost = early.lost
  })
}

function isUntouched ({ size, ended, lost }: Capture): boolean {
  return size === 0 && !ended && lost === 'none'
}

/** There is no public word for it until the end has been read, too. */
function endWasPushed (stream: Readable & { _readableState?: { ended?: boolean } }): boolean {
  return stream._readableState?.ended === true
}

/** `identity` is said where nothing is encoded. */
function isEncoded (encoding: string | string[] | undefined): boolean {
  if (encoding === undefined) return false
  return String(encoding).split(',').some(one => one.trim().toLowerCase() !== 'identity')
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
