import { Type } from '@sinclair/typebox'
import { type DescribeRoute, exampleSecret, exampleTime, type Scheme } from '../kit/index.ts'
import type { ItxChatInput } from './entries.ts'
import { ChatFailure } from './schemas.ts'

const body = Type.Object({
  extSystemHash: Type.String({
    pattern: '^[0-9a-f]{40}$',
    description: 'SHA-1 over verifiedData, the root fields and the secret'
  })
})

/** Describes, for OpenAPI documents, a route that accepts a session. */
export function describeSession (
  scheme: Scheme<ItxChatInput>,
  expiresIn: number | undefined
): DescribeRoute {
  return (
    { body: session = { verifiedData: { name: 'Hong Gil-dong', phoneNumber: '+821012345678' } } }
  ) => {
    const signed = expiresIn === undefined
      ? session
      : {
        ...session,
        verifiedData: {
          ...session['verifiedData'] as object,
          expiresAt: Number(exampleTime) + expiresIn
        }
      }
    return {
      security: { type: 'http', scheme: 'SHA-1', description: 'In the body: extSystemHash' },
      parts: { body },
      example: { body: { ...signed, extSystemHash: scheme.sign(signed, exampleSecret) } },
      failure: ChatFailure
    }
  }
}
