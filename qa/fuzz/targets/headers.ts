import type { FastifyRequest } from 'fastify'
import { SignatureMalformed } from '../../../plugins/kit/errors.ts'
import { SignatureMissing } from '../../../plugins/kit/errors.ts'
import { singleHeader } from '../../../plugins/kit/index.ts'
import type { Target } from '../target.ts'
import { mustHold } from './must.ts'

/** A header counts if it occurs once and is not empty, in any spelling of its name. */
export const headers: Target = {
  name: 'headers',
  about: ['plugins/kit/wire/headers.ts'],
  tokens: [
    'Authorization\n',
    'authorization\nAAAA\n',
    'AUTHORIZATION',
    'X-TC-Timestamp\n1660095873001\n',
    '\n\n',
    ' authorization\n',
    'authorization \n',
    '\u0130',
    '\u212a',
    'Host\nexample.com\n'
  ],
  check (bytes) {
    const rawHeaders = bytes.toString('latin1').split('\n')
    if (rawHeaders.length % 2 === 1) rawHeaders.pop()
    const values = rawHeaders.filter((_value, index) =>
      index % 2 === 1 && /^authorization$/i.test(rawHeaders[index - 1] ?? '')
    )
    const [only = ''] = values
    const result = outcome(() =>
      singleHeader({ raw: { rawHeaders } } as FastifyRequest, 'Authorization')
    )
    mustHold(
      result === (values.length > 1 ? SignatureMalformed : only === '' ? SignatureMissing : only),
      'a header was read that is not there once'
    )
  }
}

function outcome (read: () => string): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof SignatureMissing) return SignatureMissing
    if (error instanceof SignatureMalformed) return SignatureMalformed
    throw error
  }
}
