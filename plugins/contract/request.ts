import { replaceWithNonAscii, otherText } from './fixtures.ts'

/** A request for `app.inject`. Header names are in lower case. */
export interface ContractRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}

/**
 * Where a part of a signed request is: under a name in the headers, the query, a form or a JSON
 * object, or the body as a whole.
 */
export type Part = { readonly in: 'header' | 'query' | 'form' | 'json', readonly name: string } | {
  readonly in: 'body'
}

type Edit = (request: ContractRequest) => ContractRequest

/** Reads and edits one part of a request. */
export interface Place {
  readonly name: string
  /** Undefined or null if the request has no such part. */
  read(request: ContractRequest): unknown
  write(request: ContractRequest, value: unknown): ContractRequest
  readonly remove: Edit
  /**
   * Repeats the part. In JSON, where the last value wins, with another value. Absent for a whole
   * body.
   */
  readonly repeat?: Edit
}

/** The functions that read and edit a part. */
export function placeOf (part: Part): Place {
  switch (part.in) {
    case 'body':
      return body
    case 'header':
      return header(part.name.toLowerCase())
    case 'json':
      return json(part.name)
    default:
      return pair(part.in, part.name)
  }
}

/** Another value: a text of the same alphabet, or an object with one more field. */
export function otherValue (value: unknown): unknown {
  return typeof value === 'string' ? otherText(value) : { ...value as object, more: 'more' }
}

/** A text with a non-ASCII character, or a value of another type. */
export function oddValue (value: unknown): unknown {
  return typeof value === 'string' ? replaceWithNonAscii(value) : [value]
}

const body: Place = {
  name: 'the body',
  read: request => request.body,
  write: (request, value) => ({ ...request, body: String(value) }),
  remove: ({ body: _, ...request }) => request
}

function header (name: string): Place {
  const write = (request: ContractRequest, value: string | readonly string[]): ContractRequest => ({
    ...request,
    headers: { ...request.headers, [name]: value }
  })
  return {
    name: `header ${name}`,
    read: request => request.headers[name],
    write: (request, value) => write(request, String(value)),
    remove (request) {
      const { [name]: _, ...headers } = request.headers
      return { ...request, headers }
    },
    repeat: request =>
      write(request, [String(request.headers[name]), String(request.headers[name])])
  }
}

function pair (where: 'query' | 'form', name: string): Place {
  function edit (
    request: ContractRequest,
    change: (pairs: URLSearchParams) => void
  ): ContractRequest {
    const pairs = pairsOf(request, where)
    change(pairs)
    return where === 'form'
      ? { ...request, body: pairs.toString() }
      : { ...request, url: `${request.url.replace(/\?.*/s, '')}?${pairs.toString()}` }
  }
  return {
    name: `${where} parameter ${name}`,
    read: request => pairsOf(request, where).get(name),
    write: (request, value) =>
      edit(request, pairs => {
        pairs.set(name, String(value))
      }),
    remove: request =>
      edit(request, pairs => {
        pairs.delete(name)
      }),
    repeat: request =>
      edit(request, pairs => {
        pairs.append(name, String(pairs.get(name)))
      })
  }
}

function pairsOf ({ url, body }: ContractRequest, where: 'query' | 'form'): URLSearchParams {
  return new URLSearchParams(where === 'form' ? body : url.replace(/^[^?]*/, ''))
}

function json (name: string): Place {
  const parse = ({ body }: ContractRequest) => JSON.parse(String(body)) as Record<string, unknown>
  return {
    name: `field ${name}`,
    read: request => parse(request)[name],
    write: (request, value) => ({
      ...request,
      body: JSON.stringify({ ...parse(request), [name]: value })
    }),
    remove: request => ({
      ...request,
      body: JSON.stringify({ ...parse(request), [name]: undefined })
    }),
    repeat (request) {
      const { [name]: value } = parse(request)
      return {
        ...request,
        body: String(request.body).replace(
          /\}\s*$/,
          `,${JSON.stringify(name)}:${JSON.stringify(otherValue(value))}}`
        )
      }
    }
  }
}
