import { createRequire } from 'node:module'
import { decodeUtf8, parseForm, parseQuery } from '../../../plugins/kit/index.ts'
import type { Target } from '../target.ts'
import { mustHold, mustEqual, mustNotPollute, catchRefusal } from './must.ts'

const require = createRequire(import.meta.url)
const requireOfFastify = createRequire(require.resolve('fastify'))

type Fields = Record<string, string | string[]>

/** The parser of `@fastify/formbody`, whose result handlers receive. */
const { parse } = createRequire(require.resolve('@fastify/formbody'))('fast-querystring') as {
  parse(text: string): Fields
}

/** Fastify's own router, which parses request targets. */
const router = (requireOfFastify('find-my-way') as () => {
  on(method: string, path: string, handler: () => void): void,
  find(method: string, target: string): { searchParams: Fields } | null
})()
router.on('GET', '*', () => {})

/** An accepted form has the fields that handlers receive and that browsers' parser reads. */
export const form: Target = {
  name: 'form',
  about: ['plugins/kit/wire/form.ts'],
  tokens: [
    'a=1&b=2',
    'service=shop&usercode=kim&time=1660095873001',
    '%ED%95%9C',
    '+',
    '%2B',
    '%',
    '%zz',
    '&&',
    '=',
    '=&=',
    '__proto__=x',
    '%5F_proto__=y',
    'a=1&a=2',
    '%C3%28',
    '%00',
    '\ufeff',
    ';',
    'a[]=1',
    '%EF%BB%BF'
  ],
  check (bytes) {
    const text = catchRefusal(() => decodeUtf8(bytes, 'form'))
    const kitFields = text === undefined ? undefined : catchRefusal(() => parseForm(text, 'form'))
    if (text === undefined || kitFields === undefined) return
    mustMatch(kitFields, parse(text), 'the handler sees another form')
    mustEqual([...kitFields], [...new URLSearchParams(`&${text}`)], 'browsers read another form')
    mustNotPollute()
  }
}

/** An accepted query equals the router's query for the same target. */
export const query: Target = {
  name: 'query',
  about: ['plugins/kit/wire/form.ts'],
  tokens: [
    '/a?b=1&c=2',
    '/agent/main?clickToCallInit=true&username=kim&hash=1f',
    '?',
    '#',
    '/a#x=1?y=2',
    ';',
    '/a;b=1',
    '%3F',
    '%23',
    '//host/a?b=1',
    '??',
    '/?a=1?b=2',
    '&a=1',
    '%2e%2e',
    'http://h/x?y=1'
  ],
  check (bytes) {
    const target = `/${bytes.toString('latin1')}`
    const kitFields = catchRefusal(() => parseQuery(target))
    const routerFields = kitFields === undefined ? null : routeFields(target)
    if (kitFields === undefined || routerFields === null) return
    mustMatch(kitFields, routerFields, 'the handler sees another query')
    mustNotPollute()
  }
}

/** Undecodable paths reach no handler. */
function routeFields (target: string): Fields | null {
  return router.find('GET', target)?.searchParams ?? null
}

function mustMatch (actual: Map<string, string>, expected: Fields, label: string): void {
  mustHold(Object.keys(expected).length === actual.size, label)
  for (const [name, value] of actual) mustHold(expected[name] === value, label)
}
