import type { IncomingMessage } from 'node:http'
import type { Test } from 'tap'
import { caller, isEqual, isFresh, key, mac, oldKey, type Reply, serve } from './broken.ts'

/** Classic mistakes, each with a case that must find it. */
export const contipleMistakes: Record<string, string> = {
  'body written again': 'white-space',
  'body written again, sorted': 'reordered-fields',
  'no window': 'stale-clock',
  'no future side': 'future-clock',
  'no past side': 'stale-clock',
  "a window for yesterday's clocks only": 'clock-ahead',
  'seconds are guessed': 'seconds',
  'throws on unequal lengths': 'short-signature',
  'compares characters, then bytes': 'odd-characters',
  'empty-body fallback': 'other-content-type',
  'never sees the body': 'signature-of-nothing',
  'time not signed': 'genuine',
  'first of two signatures': 'two-signatures',
  'first time signed, last time fresh': 'two-times',
  'unsigned is fine': 'no-signature',
  'no check at all': 'wrong-key',
  'the old key still counts': 'old-key',
  'bytes as Latin-1': 'non-ascii',
  'text built by replace': 'dollar-signs',
  'first piece of the body': 'slow-body',
  'times must rise': 'out-of-order',
  'dies of a cut connection': 'after-cut-connection',
  '401 for a wrong signature': 'refusal-shape',
  'plain text for an error': 'refusal-shape',
  '404 for nobody': 'unknown-caller',
  'fails on bad JSON': 'not-json',
  'fails on bytes that are no text': 'not-utf8',
  'fields without data': 'genuine'
}

const error = (status: number): Reply => ({
  status,
  body: { error: { code: status, message: 'no', detail: null } }
})

/** Starts a customer information API with one mistake, or none for ''. */
export async function brokenContiple (t: Test, mistake: string): Promise<string> {
  let dead = false
  let newest = 0
  return await serve(t, (request, body, firstPiece) => {
    if (dead) throw new Error('dead since a connection was cut')
    const text = body.toString()
    const refusal = refusalOf(request, mistake === 'first piece of the body' ? firstPiece : body)
    if (refusal !== null) return refusal
    const { callNum } = parse(text)
    if (callNum !== caller) return error(mistake === '404 for nobody' ? 404 : 400)
    const fields = { userName: 'Hong' }
    return { status: 200, body: mistake === 'fields without data' ? fields : { data: fields } }
  }, () => {
    dead = mistake === 'dies of a cut connection'
  })

  function refusalOf (request: IncomingMessage, body: Buffer): Reply | null {
    const denied = mistake === '401 for a wrong signature'
      ? error(401)
      : mistake === 'plain text for an error'
      ? { status: 403, body: 'denied' }
      : error(403)
    const { authorization: signatures = [], 'x-tc-timestamp': times = [] } = request.headersDistinct
    if (mistake === 'no check at all') return null
    if (signatures.length === 0 && mistake === 'unsigned is fine') return null
    const raw = request.rawHeaders.filter(headerName => headerName === 'Authorization')
    if (raw.length > 1 && mistake !== 'first of two signatures') return denied
    if (times.length !== 1 && mistake !== 'first time signed, last time fresh') return denied
    const time = times[0] ?? ''
    if (!/^[0-9]+$/.test(time)) return denied
    const signature = signatures[0] ?? ''
    const keys = mistake === 'the old key still counts' ? [key, oldKey] : [key]
    if (
      !keys.some(candidate =>
        isEqual(signature, mac(candidate, signed(request, body, time)), mistake)
      )
    ) {
      return denied
    }
    const last = Number(times.at(-1))
    if (!isFresh(mistake === 'seconds are guessed' && last < 1e11 ? last * 1000 : last, mistake)) {
      return denied
    }
    if (mistake === 'times must rise' && last < newest && newest < Date.now() + 1000) return denied
    newest = last
    return null
  }

  function signed (request: IncomingMessage, body: Buffer, time: string): string | Buffer {
    const text = body.toString()
    switch (mistake) {
      case 'body written again':
        return JSON.stringify(parse(text)) + time
      case 'body written again, sorted':
        return JSON.stringify(Object.fromEntries(Object.entries(parse(text)).sort())) + time
      case 'empty-body fallback':
        return (request.headers['content-type']?.startsWith('application/json') === true
          ? text
          : '') + time
      case 'never sees the body':
        return ((request as { rawBody?: string }).rawBody ?? '') + time
      case 'time not signed':
        return body
      case 'bytes as Latin-1':
        return body.toString('latin1') + time
      case 'text built by replace':
        return '{body}{time}'.replace('{body}', text).replace('{time}', time)
      case 'fails on bytes that are no text':
        return new TextDecoder('utf-8', { fatal: true }).decode(body) + time
      default:
        return Buffer.concat([body, Buffer.from(time)])
    }
  }

  function parse (text: string): { callNum?: unknown } {
    try {
      return Object(JSON.parse(text)) as { callNum?: unknown }
    } catch (fault) {
      if (mistake === 'fails on bad JSON') throw fault
      return {}
    }
  }
}
