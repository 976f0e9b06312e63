import { type DescribeRoute, exampleSecret, type Scheme, type VendorContext } from '../kit/index.ts'
import type { OracleCscValues } from './options.ts'
import { pickInput } from './read.ts'
import type { OracleCscInput } from './scheme.ts'
import { ClickToCallFailure, ClickToCallQuery } from './schemas.ts'
import { defaultNames, type ParameterNames } from './url.ts'

const call = { username: 'kim', callId: '1234', callerId: '+821012345678' }

/** Describes a click-to-call URL for OpenAPI documents. */
export function describeClickToCall (
  { scheme, options }: VendorContext<OracleCscInput, OracleCscValues, Scheme<OracleCscInput>>
): DescribeRoute {
  const { algorithm, checkCallId, parameterNames: names } = options
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
