import { assertUtf8, assertWellFormed } from './text.ts'

/** A body on the wire: its bytes, or text that stands for its UTF-8. */
export type Body = string | Uint8Array

/**
 * Asserts that a body can be signed. Decoded for a handler, bytes that are not UTF-8 would become
 * text that nobody signed.
 * @throws {TypeError} when it is neither text nor bytes
 * @throws {InputError} when it is ill-formed text, or bytes that are not UTF-8
 */
export function assertBody (body: unknown): asserts body is Body {
  if (typeof body === 'string') assertWellFormed(body, 'body')
  else if (body instanceof Uint8Array) assertUtf8(body, 'body')
  else throw new TypeError('body must be a string or bytes')
}
