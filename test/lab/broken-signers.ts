// Services that sign chat sessions and click-to-call URLs, with classic mistakes.
import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import { key, later, oldKey, type Reply, serve } from './broken.ts'

/** Mistakes, each with a case that must find it. */
export const itxMistakes: Record<string, string> = {
  'sorts by locale': 'reordered-fields',
  'secret at the end': 'secret-between',
  'trims values': 'spaces',
  'leaves null out': 'null',
  'names of root values': 'root-values',
  'bytes as Latin-1': 'non-ascii',
  'escapes for HTML': 'markup',
  'the old key': 'genuine',
  'upper-case hex': 'genuine',
  'secret in the answer': 'secret-stays',
  'no hash': 'genuine',
  'keeps the hash that it is sent': 'tampered-hash',
  'first of two names': 'two-names',
  'the newest session for all': 'at-once',
  'first piece of the body': 'slow-body',
  'dies of a cut connection': 'after-cut-connection',
  'a session only once': 'duplicate-delivery'
}

type Session = { verifiedData?: Record<string, unknown> } & Record<string, unknown>

/** Starts a service that signs the sessions it receives. */
export async function brokenItxSigner (t: Test, mistake: string): Promise<string> {
  let dead = false
  let newest = ''
  const seen = new Set<string>()
  return await serve(t, async (_request, body, firstPiece) => {
    newest = (mistake === 'first piece of the body' ? firstPiece : body).toString()
    let sent = newest
    if (mistake === 'the newest session for all') await later()
    if (mistake === 'dies of a cut connection') await later(500)
    if (dead) throw new Error('dead since a connection was cut')
    if (mistake === 'the newest session for all') sent = newest
    if (mistake === 'a session only once' && seen.has(sent)) return { status: 409, body: {} }
    seen.add(sent)
    const session = JSON.parse(sent) as Session
    const hashed = mistake === 'first of two names'
      ? sent.replace(/("name":"[^"]*"),"name":"[^"]*"/, '$1')
      : sent
    const { verifiedData = {}, extSystemHash: receivedHash, ...roots } = JSON.parse(
      hashed
    ) as Session
    const text = (value: unknown): string => {
      const plain = typeof value === 'string' ? value : JSON.stringify(value)
      return mistake === 'trims values'
        ? plain.trim()
        : mistake === 'escapes for HTML'
        ? plain.replaceAll('<', '&lt;')
        : plain
    }
    const secret = mistake === 'the old key' ? oldKey : key
    const entries = [
      ...Object.entries(verifiedData).filter(([, value]) =>
        mistake !== 'leaves null out' || value !== null
      ).map(([name, value]) => `${name}:${text(value)}`),
      ...Object.entries(roots).map(([name, value]) =>
        mistake === 'names of root values' ? `${name}:${String(value)}` : String(value)
      )
    ]
    const all = mistake === 'sorts by locale'
      ? [...entries, secret].sort((a, b) => a.localeCompare(b))
      : mistake === 'secret at the end'
      ? [...entries.sort(), secret]
      : [...entries, secret].sort()
    const hash = createHash('sha1').update(
      all.join('-'),
      mistake === 'bytes as Latin-1' ? 'latin1' : 'utf8'
    ).digest('hex')
    const extSystemHash = mistake === 'keeps the hash that it is sent' && receivedHash !== undefined
      ? receivedHash
      : mistake === 'upper-case hex'
      ? hash.toUpperCase()
      : hash
    return {
      status: 200,
      body: {
        ...session,
        ...mistake !== 'no hash' && { extSystemHash },
        ...mistake === 'secret in the answer' && { secret }
      }
    }
  }, () => {
    dead = mistake === 'dies of a cut connection'
  })
}

export const cscMistakes: Record<string, string> = {
  'plus not encoded': 'plus',
  'number first': 'genuine',
  'key missing': 'genuine',
  'the old key': 'genuine',
  base64: 'genuine',
  'number as a double': 'long-number',
  'drops every zero of a byte': 'short-hash',
  'anybody may ask': 'guest',
  'kept by caches': 'not-kept',
  'values not encoded': 'call-id',
  'clickToCallInit missing': 'genuine',
  'fails for null': 'null',
  'names both numbers': 'two-numbers',
  'the newest call for all': 'at-once',
  'a call only once': 'duplicate-delivery',
  'dies of a cut connection': 'after-cut-connection'
}

/** Starts a service that makes CSC's URL for an agent. */
export async function brokenCscSigner (t: Test, mistake: string): Promise<string> {
  let dead = false
  let newest = ''
  const seen = new Set<string>()
  return await serve(t, async (request): Promise<Reply> => {
    newest = request.url ?? '/'
    let target = newest
    if (mistake === 'the newest call for all') await later()
    if (mistake === 'dies of a cut connection') await later(500)
    if (dead) throw new Error('dead since a connection was cut')
    if (mistake === 'the newest call for all') target = newest
    if (mistake === 'a call only once' && seen.has(target)) return { status: 409, body: {} }
    seen.add(target)
    if (request.headers.cookie === undefined && mistake !== 'anybody may ask') {
      return { status: 401, body: {} }
    }
    const query = new URL(target, 'http://x').searchParams
    const [asked = '', another] = query.getAll('callerId')
    if (mistake === 'fails for null' && asked === 'null') throw new TypeError('null is no number')
    const number = mistake === 'number as a double' && /^[0-9]+$/.test(asked)
      ? String(Number(asked))
      : asked
    const username = 'agent1'
    const secret = mistake === 'the old key' ? oldKey : mistake === 'key missing' ? '' : key
    const digest = createHash('sha1').update(
      mistake === 'number first' ? number + username + secret : username + number + secret
    ).digest()
    const hash = mistake === 'base64'
      ? digest.toString('base64')
      : mistake === 'drops every zero of a byte'
      ? Array.from(digest, byte => byte.toString(16)).join('')
      : digest.toString('hex')
    const encode = (value: string): string =>
      mistake === 'values not encoded'
        ? value
        : mistake === 'plus not encoded'
        ? encodeURI(value)
        : encodeURIComponent(value)
    const init = mistake === 'clickToCallInit missing' ? '' : 'clickToCallInit=true&'
    const url =
      `http://csc.example/agent/main?${init}username=${username}&hash=${
        encodeURIComponent(hash)
      }&UserTelephoneNumber=${encode(number)}&callid=${encode(query.get('callId') ?? '')}` +
      (another !== undefined && mistake === 'names both numbers'
        ? `&UserTelephoneNumber=${encode(another)}`
        : '')
    return {
      status: 200,
      body: { url },
      headers: mistake === 'kept by caches' ? {} : { 'cache-control': 'no-store' }
    }
  }, () => {
    dead = mistake === 'dies of a cut connection'
  })
}
