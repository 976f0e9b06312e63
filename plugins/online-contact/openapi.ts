import { Type } from '@sinclair/typebox'
import { type DescribeRoute, exampleSecret, exampleTime, type Scheme } from '../kit/index.ts'
import type { OnlineContactInput } from './fields.ts'
import { signedMember } from './member.ts'
import { LinkQuery, RemoteLoginForm, RemoteLoginResult } from './schemas.ts'

const form = Type.Pick(RemoteLoginForm, ['service', 'usercode', 'time', 'token'])
const query = Type.Pick(LinkQuery, ['usercode', 'email', 'time', 'token'])

const description =
  'token: base64(HMAC-SHA256(key, values joined with &)), over service, usercode, username, email, phone, memberno, returnUrl and time as far as they are given'

/** Describes a login for OpenAPI documents: the form of a POST, the query of a GET link. */
export function describeLogin (
  scheme: Scheme<OnlineContactInput>,
  configuredService = 'help'
): DescribeRoute {
  return ({ method, body }) => {
    const sign = (fields: object) => {
      const input = {
        service: configuredService,
        usercode: 'member-1',
        ...fields,
        time: exampleTime
      }
      return signedMember(input, scheme.sign(input, exampleSecret))
    }
    if (method === 'GET' || method === 'HEAD') {
      const { service, ...querystring } = sign({ email: 'member@example.com' })
      return {
        security: { type: 'apiKey', in: 'query', name: 'token', description },
        suffix: 'Link',
        parts: { querystring: query },
        example: { params: { service }, querystring },
        failure: RemoteLoginResult
      }
    }
    return {
      security: { type: 'http', scheme: 'HMAC-SHA256', description: `In the form. ${description}` },
      parts: { body: form },
      example: { body: sign({ ...body }) },
      consumes: ['application/x-www-form-urlencoded'],
      failure: RemoteLoginResult
    }
  }
}
