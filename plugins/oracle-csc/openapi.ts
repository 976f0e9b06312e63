import { type DescribeRoute, exampleSecret, type Scheme } from '../kit/index.ts'
import { pickInput, type ReadOptions } from './read.ts'
import type { OracleCscInput } from './scheme.ts'
import { ClickToCallFailure, ClickToCallQuery } from './schemas.ts'
import { defaultNames, type ParameterNames } from './url.ts'

const call = { username: 'kim', callId: '1234', callerId: '+821012345678' }

/** What OpenAPI documents say of a click-to-call URL. */
export function describeClickToCall (
  scheme: Scheme<OracleCscInput>,
  { algorithm, checkCallId, names }: Omit<ReadOptions, 'rules'>
): DescribeRoute {
  return () => {
    const input = pickInput(call, checkCallId)
    const values: Partial<ParameterNames> = {
      clickToCallInit: 'true',
      ...input,
      hash: scheme.sign(input, exampleSecret)
    }
    const fields = Object.entries(values) as Array<[keyof ParameterNames, string]>
    const schemas = ClickToCallQuery.properties as Record<string, object>
    return {
      security: {
        type: 'apiKey',
        in: 'query',
        name: names.hash,
        description: `hex(${algorithm.toUpperCase()}(user name${
          checkCallId ? ' + call id' : ''
        } + number + key))`
      },
      parts: {
        querystring: {
          properties: Object.fromEntries(
            fields.map(([field]) => [names[field], schemas[defaultNames[field]] as object])
          ),
          required: fields.map(([field]) => names[field])
        }
      },
      example: {
        querystring: Object.fromEntries(fields.map(([field, value]) => [names[field], value]))
      },
      failure: ClickToCallFailure
    }
  }
}
