import { createRequire } from 'node:module'
import type { FastifyRequest } from 'fastify'
import { SignatureMissing } from '../../../plugins/kit/errors.ts'
import { InputError } from '../../../plugins/kit/index.ts'
import { mediaType } from '../../../plugins/kit/wire/media-type.ts'
import { MediaTypeRefused, SignatureMalformed } from '../../../plugins/kit/errors.ts'
import type { Target } from '../target.ts'
import { mustHold } from './must.ts'

/** Fastify's parser of media types, which selects the body parser. */
const ContentType = createRequire(import.meta.url)('fastify/lib/content-type.js') as {
  new(header: string): { readonly mediaType: string | undefined }
}

const signed = ['application/json', 'application/x-www-form-urlencoded']

/** If a verifier treats a body as JSON or a form, so does Fastify. */
export const mediaTypes: Target = {
  name: 'media-types',
  about: ['plugins/kit/wire/media-type.ts'],
  tokens: [
    'application/json',
    'Application/JSON',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '; charset=utf-16',
    ';charset="utf-8"',
    '\t',
    ' ',
    '\u00a0',
    ',',
    ';',
    '/',
    'x-',
    '\u0130'
  ],
  check (bytes) {
    const header = bytes.toString('latin1')
    const kitType = readMediaType(header)
    if (kitType !== undefined && signed.includes(kitType)) {
      mustHold(
        new ContentType(header).mediaType === kitType,
        'the verifier reads another media type than Fastify'
      )
    }
  }
}

function readMediaType (header: string): string | undefined {
  try {
    return mediaType(
      { raw: { rawHeaders: ['Content-Type', header] }, headers: {} } as unknown as FastifyRequest
    )
  } catch (error) {
    const isRefusal = [InputError, MediaTypeRefused, SignatureMalformed, SignatureMissing].some(
      refusal => error instanceof refusal
    )
    if (isRefusal) return undefined
    throw error
  }
}
