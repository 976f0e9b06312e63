import {
  type Diagnosis,
  hmacSha256Digests,
  otherTimes,
  type HttpMessage,
  missingParts,
  type MissingParts,
  type Part,
  plusMistakes,
  type Reason,
  valueMistakes
} from '../kit/explain/index.ts'
import { InputError, parseForm, parseQuery } from '../kit/index.ts'
import {
  isRequired,
  type OnlineContactInput,
  type SignedField,
  signedFields,
  signedValues
} from './fields.ts'

/** The input with the return URL of a link, which is not signed. */
interface ReceivedInput extends OnlineContactInput {
  unsignedReturnUrl?: string
}
type Values = Array<readonly [name: SignedField, value: string]>

/**
 * Known mistakes in code that makes member tokens. `service` is the plugin's option, for links that
 * do not name the service.
 */
export function createDiagnosis (
  { service }: { readonly service?: string | undefined } = {}
): Diagnosis<OnlineContactInput> {
  return {
    ...hmacSha256Digests,
    timestamp: ({ time }) => String(time),
    *variants (input: ReceivedInput) {
      const values = signedValues(input)
      for (const { reason, lists } of otherLists(input, values)) {
        for (const list of lists) yield { ...reason, message: joinValues(list) }
      }
      yield* otherTimes(
        String(input.time),
        time => joinValues(values.map(([name, value]) => [name, name === 'time' ? time : value]))
      )
      const namesIncluded = {
        code: 'names-included',
        text: 'The signature also covers the names.',
        fix: 'Join the values without their names.'
      }
      yield {
        ...namesIncluded,
        message: values.map(([name, value]) => `${name}=${value}`).join('&')
      }
      yield {
        ...namesIncluded,
        message: new URLSearchParams(Object.fromEntries(values)).toString()
      }
      for (const separator of ['', ',', '|', '-']) {
        yield {
          code: 'separator',
          text: 'The values lack & between them.',
          fix: 'Join the values with &.',
          message: joinValues(values, separator)
        }
      }
    },
    missing: request => findMissing(request, service),
    extract: request => readInput(request, service)
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

function otherLists (
  input: ReceivedInput,
  values: Values
): Array<{ reason: Reason, lists: Values[] }> {
  const allValues = signedFields.map(name =>
    [name, name === 'time' ? String(input.time) : input[name] ?? ''] as const
  )
  const sentValues = allValues.filter(([name]) => input[name] !== undefined)
  const without = (omitted: SignedField): Values => values.filter(([name]) => name !== omitted)
  const time = values.slice(-1)
  return [
    {
      reason: {
        code: 'blank-kept',
        text: 'The signature also covers blank fields, with their separators.',
        fix: 'Omit each blank field and its separator.'
      },
      lists: [
        sentValues,
        allValues,
        allValues.filter(([name, value]) => name !== 'returnUrl' || value !== ''),
        allValues.filter(([name, value]) => value !== '' || name !== 'memberno')
      ]
    },
    {
      reason: {
        code: 'blank-other-notion',
        text: 'The client omits only empty fields, or the fields that JavaScript trims to nothing.',
        fix:
          'A field is blank if it is empty or only white space to Java: U+001C to U+001F count, U+00A0, U+2007, U+202F and U+FEFF do not.'
      },
      lists: [
        sentValues.filter(([name, value]) => isRequired(name) || value.trim() !== ''),
        sentValues.filter(([name, value]) => isRequired(name) || value !== '')
      ]
    },
    ...[...plusMistakes, ...valueMistakes].map(({ apply, ...reason }) => {
      const changed: Values = values.map(([name, value]) => [name, apply(value)])
      return { reason, lists: [changed, changed.filter(([, value]) => value !== '')] }
    }),
    ...([
      'memberno',
      'returnUrl',
      'phone',
      'email',
      'username',
      'service',
      'usercode',
      'time'
    ] as const).map(name => ({
      reason: {
        code: name === 'returnUrl' ? 'return-url-missing' : `${name}-missing`,
        text: `The signature does not cover ${name}.`,
        fix: `Sign ${name} in its place if you send it.`
      },
      lists: [without(name)]
    })),
    {
      reason: {
        code: 'return-url-included',
        text: 'The signature covers a return URL, but this login has none.',
        fix: 'Sign the return URL only for the client-side login.'
      },
      lists: input.unsignedReturnUrl === undefined
        ? []
        : [[...without('time'), ['returnUrl', input.unsignedReturnUrl], ...time]]
    },
    {
      reason: {
        code: 'order',
        text: 'The client signs the values in the wrong order.',
        fix: `Sign the values in the order ${signedFields.join(', ')}.`
      },
      lists: [
        values.toSorted(([a], [b]) => a < b ? -1 : 1),
        [...without('returnUrl'), ...values.filter(([name]) => name === 'returnUrl')],
        [...time, ...without('time')],
        sortAsSent(input, values)
      ]
    }
  ]
}

function joinValues (values: Values, separator = '&'): string {
  return values.map(([, value]) => value).join(separator)
}

/** An input that was read from a request has its fields in the order received. */
function sortAsSent (input: ReceivedInput, values: Values): Values {
  const names = Object.keys(input)
  return values.toSorted(([a], [b]) => names.indexOf(a) - names.indexOf(b))
}

function readInput (
  { method, target, body }: HttpMessage,
  configuredService: string | undefined
): { input: ReceivedInput, signature: string } {
  const fromLink = isLink(method)
  const fields = fieldsOf({ method, target, body })
  // In the order received.
  const sentFields = Object.fromEntries(
    Array.from(fields).filter(([name]) => signedFields.some(field => field === name))
  )
  const {
    service = fromLink ? serviceOf(target) ?? configuredService : undefined,
    usercode,
    time
  } = sentFields
  if (service === undefined || usercode === undefined || time === undefined) {
    throw new InputError('service, usercode or time is missing')
  }
  const { returnUrl, ...linkFields } = sentFields
  const token = fields.get('token') ?? ''
  return fromLink
    // In a query string, a space is a plus sign that was not encoded.
    ? {
      input: {
        ...linkFields,
        ...returnUrl !== undefined && { unsignedReturnUrl: returnUrl },
        service,
        usercode,
        time
      },
      signature: token.replaceAll(' ', '+')
    }
    : { input: { ...sentFields, service, usercode, time }, signature: token }
}

function isLink (method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function fieldsOf (
  { method, target, body }: Pick<HttpMessage, 'method' | 'target' | 'body'>
): Map<string, string> {
  return isLink(method) ? parseQuery(target) : parseForm(Buffer.from(body).toString(), 'body')
}

function findMissing (request: HttpMessage, configuredService: string | undefined): MissingParts {
  const fields = fieldsOf(request)
  const part = (name: string): Part => [
    isLink(request.method) ? `the URL has no parameter ${name}` : `the form has no field ${name}`,
    fields.get(name)
  ]
  const service: Part = isLink(request.method)
    ? [
      'the URL does not name the service: give it as --option service=NAME',
      serviceOf(request.target) ?? fields.get('service') ?? configuredService
    ]
    : part('service')
  return missingParts(part('token'), [service, part('usercode'), part('time')])
}

/** The segment of the path that names the help centre. */
function serviceOf (target: string): string | undefined {
  const segment = /(?<![^/?])([^/?]+)\/hc\//.exec(target)?.[1]
  return segment === undefined
    ? undefined
    : parseForm(`service=${segment.replaceAll('+', '%2B')}`, 'path').get('service')
}
