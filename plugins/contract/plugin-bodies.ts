import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Reply, type Inject, handlerStarts, assertPassed, withApp } from './inject.ts'
import type { ContractCase } from './case.ts'
import { now, secret } from './fixtures.ts'
import type { PluginContract } from './plugin.ts'
import type { ContractRequest } from './request.ts'

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

/** Media types that an app may accept in addition to the vendor's. */
const mediaTypes = [
  json,
  form,
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/xml'
]

/**
 * The verifier and the handler must read a body in the same way. Content-Type is rarely signed, and
 * an app accepts more media types than a vendor sends: if a request is accepted, the handler must
 * see the fields of the signed one.
 */
export function bodyCases (contract: PluginContract): ContractCase[] {
  const request = contract.sign({ secret, time: now })
  const { body } = request
  if (body === undefined) return []
  const vendorType = typeOf(request)

  return [
    {
      name: 'the handler reads the verified fields, whatever the Content-Type',
      run: () =>
        withReaders(contract, async observe => {
          for (const text of [body, ...polyglots(body)]) {
            const verified = await observe(withType({ ...request, body: text }, vendorType))
            if (text === body) assertPassed(verified.reply)
            for (
              const type of mediaTypes.filter(mediaType =>
                !contract.mediaTypes?.includes(mediaType)
              )
            ) {
              if (type === vendorType) continue
              const { reply, fields } = await observe(withType({ ...request, body: text }, type))
              if (reply.code !== 'OK') continue
              assert.deepEqual(
                fields,
                verified.fields,
                `with the type ${type}, the handler reads unverified fields`
              )
            }
          }
        })
    },
    {
      name: 'the handler reads the verified fields, whatever the spelling of the Content-Type',
      run: () =>
        withReaders(contract, async observe => {
          const verified = await observe(request)
          for (const type of spellingsOf(vendorType)) {
            const { reply, fields } = await observe(withType(request, type))
            if (reply.code !== 'OK') continue
            assert.deepEqual(
              fields,
              verified.fields,
              `with the type ${type}, the handler reads unverified fields`
            )
          }
        })
    },
    {
      name:
        'the handler reads the verified value of a field that is repeated or hidden in __proto__',
      run: () =>
        withReaders(contract, async observe => {
          const verified = await observe(request)
          const names = coveredNames(contract, body)
          for (const [change, text] of confusingBodies(body, vendorType)) {
            const { reply, fields } = await observe({ ...request, body: text })
            if (reply.code !== 'OK') continue
            assert.deepEqual(
              pickFields(fields, names),
              pickFields(verified.fields, names),
              `with ${change}, the handler reads an unverified value`
            )
          }
        })
    }
  ]
}

interface Observation {
  readonly reply: Reply
  /** The handler's body; undefined if the handler did not run. */
  readonly fields: unknown
}

/** Runs a case against an app that also accepts forms, multipart bodies, XML and bytes. */
async function withReaders (
  contract: PluginContract,
  runCase: (observe: (request: ContractRequest) => Promise<Observation>) => Promise<void>
): Promise<void> {
  const build = async (
    options: Parameters<typeof contract.build>[0]
  ): Promise<FastifyInstance> => {
    const app = await contract.build(options)
    addReaders(app)
    return app
  }
  await withApp(
    { ...contract, build },
    {},
    inject => runCase(request => observeHandler(inject, request))
  )
}

function addReaders (app: FastifyInstance): void {
  const add = (type: string, read: (text: string) => unknown): void => {
    if (app.hasContentTypeParser(type)) return
    app.addContentTypeParser(
      type,
      { parseAs: 'string' },
      async (_: FastifyRequest, text: string) => read(text)
    )
  }
  add(form, text => {
    const fields: Record<string, unknown> = {}
    const pairs = new URLSearchParams(text)
    for (const name of pairs.keys()) {
      const values = pairs.getAll(name)
      fields[name] = values.length === 1 ? values[0] : values
    }
    return fields
  })
  add('application/xml', text => text)
  add('application/octet-stream', text => text)
  if (!app.hasContentTypeParser('multipart/form-data')) {
    // As the usual parsers do, which leave the body to the handler.
    app.addContentTypeParser('multipart/form-data', async () => undefined)
  }
}

/** Sends a request, and observes the handler's body on Fastify's own channel. */
async function observeHandler (inject: Inject, request: ContractRequest): Promise<Observation> {
  let fields: unknown
  const listen = (message: unknown): void => {
    fields = ownFields((message as { request: FastifyRequest }).request.body)
  }
  subscribe(handlerStarts, listen)
  try {
    const reply = await inject(request)
    return { reply, fields }
  } finally {
    unsubscribe(handlerStarts, listen)
  }
}

/** The own fields of a body, whatever its prototype. */
function ownFields (body: unknown): object {
  return structuredClone({ ...body as object })
}

function typeOf ({ headers }: ContractRequest): string {
  return String(headers['content-type']).replace(/;.*/s, '').trim().toLowerCase()
}

function withType (request: ContractRequest, type: string): ContractRequest {
  return { ...request, headers: { ...request.headers, 'content-type': type } }
}

function spellingsOf (type: string): string[] {
  return [
    type.toUpperCase(),
    `${type};charset=utf-8`,
    `${type} ; charset="utf-16"`,
    `${type}; charset=iso-8859-1`,
    `${type}\t;a=b`,
    `${type};`,
    `${type}, ${json}`,
    `${type} ${form}`,
    `x-${type}`
  ]
}

/** The names of the fields whose values the signature covers. */
function coveredNames ({ covered }: PluginContract, body: string): string[] {
  return covered.some(part => part.in === 'body')
    ? namesIn(body)
    : covered.flatMap(part => part.in === 'json' || part.in === 'form' ? [part.name] : [])
}

function pickFields (fields: unknown, names: readonly string[]): unknown {
  if (typeof fields !== 'object' || fields === null) return fields
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))
}

/** Texts that are JSON to one parser, and a form with the same names to another. */
function polyglots (body: string): string[] {
  const names = namesIn(body)
  const forged = `&${names.map(name => `${encodeURIComponent(name)}=forged`).join('&')}&x=`
  return isObject(body)
    ? [
      body.replace(/\}\s*$/, () => `,"x":${JSON.stringify(forged)}}`),
      body.replace(/\}\s*$/, () => `,"unverifiedData":{"x":${JSON.stringify(forged)}}}`)
    ]
    : [
      `{"x=":"&${body}&y=",${names.map(name => `${JSON.stringify(name)}:"forged"`).join(',')}}`
    ]
}

/** Bodies in which a parser could find another value of a field. */
function confusingBodies (body: string, type: string): Array<[change: string, text: string]> {
  if (type === form) {
    return namesIn(body).flatMap(name => {
      const pair = `${encodeURIComponent(name)}=forged`
      const bodies: Array<[string, string]> = [
        [`a forged ${name} before the verified one`, `${pair}&${body}`],
        [`a forged ${name} after the verified one`, `${body}&${pair}`],
        [`a forged list ${name}[]`, `${body}&${encodeURIComponent(`${name}[]`)}=forged`],
        [`a forged ${name} after a semicolon`, `${body};${pair}`]
      ]
      return bodies
    })
  }
  if (!isObject(body)) return []
  const inside = body.replace(/^\s*\{/, '').replace(/\}\s*$/, '')
  const hidden = `{${namesIn(body).map(name => `${JSON.stringify(name)}:"forged"`).join(',')}}`
  return [
    ['__proto__ before the fields', `{"__proto__":${hidden},${inside}}`],
    ['__proto__ after the fields', `{${inside},"__proto__":${hidden}}`],
    ['an escaped __proto__', `{${inside},"\\u005f_proto__":${hidden}}`],
    ['constructor.prototype', `{${inside},"constructor":{"prototype":${hidden}}}`],
    ...namesIn(body).flatMap((name): Array<[string, string]> => [
      [`a forged ${name} before the verified one`, `{${JSON.stringify(name)}:"forged",${inside}}`],
      [`a forged ${name} after the verified one`, `{${inside},${JSON.stringify(name)}:"forged"}`]
    ])
  ]
}

function namesIn (body: string): string[] {
  return isObject(body)
    ? Object.keys(JSON.parse(body) as object)
    : [...new URLSearchParams(body).keys()]
}

function isObject (body: string): boolean {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
