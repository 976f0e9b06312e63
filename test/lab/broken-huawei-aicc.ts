import type { Test } from 'tap'
import { isEqual, isFresh, key, mac, oldKey, type Reply, serve } from './broken.ts'

/** Classic mistakes, each with a case that must find it. */
export const huaweiAiccMistakes: Record<string, string> = {
  'numbers are doubles': 'long-number',
  'sorts by locale': 'sorted-by-code-unit',
  'does not sort': 'reordered-fields',
  'signs known fields only': 'new-field',
  'leaves null out': 'null',
  'leaves empty fields out': 'empty',
  'keeps spaces': 'spaces',
  'strips all white space': 'tabs',
  'bytes as Latin-1': 'non-ascii',
  'text built by replace': 'dollar-signs',
  'decodes values': 'plus-and-percent',
  'signs the body': 'genuine',
  'no window': 'stale-clock',
  'no future side': 'future-clock',
  'no past side': 'stale-clock',
  "a window for yesterday's clocks only": 'clock-ahead',
  'throws on unequal lengths': 'short-signature',
  'compares characters, then bytes': 'odd-characters',
  'fails without a signature': 'no-signature',
  'unsigned is fine': 'unsigned',
  'null is fine': 'null-signature',
  'empty-body fallback': 'signature-of-nothing',
  'time not signed': 'genuine',
  'no check at all': 'wrong-key',
  'the old key still counts': 'old-key',
  'no replay check': 'duplicate-delivery',
  'one callback for each call': 'sent-again',
  'dies of a cut connection': 'after-cut-connection',
  'fails on bad JSON': 'not-json',
  'fails on a list': 'not-an-object',
  'retCode is a number': 'genuine',
  'takes any connection': 'unknown-call-connected',
  'takes any gate': 'closed-gate'
}

const error = (status: number): Reply => ({
  status,
  body: { retCode: String(status), retMsg: 'no' }
})
const signatureNames = ['timestamp', 'nonce', 'signature']
const known = [
  'callSerialNo',
  'serviceNo',
  'called',
  'caller',
  'callData',
  'talkDuration',
  'releaseReason',
  'recordfile'
]

/** Starts a callback service with one mistake, or none for ''. */
export async function brokenHuaweiAicc (t: Test, mistake: string): Promise<string> {
  let dead = false
  const nonces = new Set<string>()
  const calls = new Set<unknown>()
  return await serve(t, (request, body) => {
    if (dead) throw new Error('dead since a connection was cut')
    const { url = '' } = request
    if (url.startsWith('/connected')) {
      if (url !== '/connected/gate' && mistake !== 'takes any gate') return error(404)
      return mistake.startsWith('takes any') ? success() : error(404)
    }
    const params = parse(body)
    if (params === null) return error(400)
    return refusalOf(params, body) ?? success()
  }, () => {
    dead = mistake === 'dies of a cut connection'
  })

  function success (): Reply {
    return {
      status: 200,
      body: { retCode: mistake === 'retCode is a number' ? 0 : '0', retMsg: 'success' }
    }
  }

  function refusalOf (params: Record<string, unknown>, body: Buffer): Reply | null {
    const { timestamp, nonce, signature } = params
    if (mistake === 'no check at all') return null
    if (mistake === 'unsigned is fine' && signature === undefined) return null
    if (mistake === 'null is fine' && signature === null) return null
    if (mistake === 'fails without a signature' && (signature as string).length === 0) {
      return error(401)
    }
    if (
      typeof signature !== 'string' || typeof nonce !== 'string' || typeof timestamp !== 'string' ||
      !/^[0-9]+$/.test(timestamp)
    ) return error(401)
    const keys = mistake === 'the old key still counts' ? [key, oldKey] : [key]
    const isSigned = keys.some(secret => {
      const time = mistake === 'time not signed' ? '' : `${timestamp}_`
      const text = `${secret}_${time}${nonce}_`
      const all = mistake === 'text built by replace'
        ? '{}PARAMS'.replace('{}', text).replace('PARAMS', paramsText(params, body))
        : text + paramsText(params, body)
      if (isEqual(signature, mac(secret, all), mistake)) return true
      return mistake === 'empty-body fallback' && isEqual(signature, mac(secret, text), mistake)
    })
    if (!isSigned) return error(401)
    if (!isFresh(Number(timestamp), mistake)) return error(401)
    if (mistake === 'one callback for each call' && calls.has(params['callSerialNo'])) {
      return error(409)
    }
    calls.add(params['callSerialNo'])
    if (nonces.has(nonce) && mistake !== 'no replay check') return error(409)
    nonces.add(nonce)
    return null
  }

  function paramsText (params: Record<string, unknown>, body: Buffer): string {
    if (mistake === 'signs the body') return body.toString()
    let names = Object.keys(params).filter(name => !signatureNames.includes(name))
    if (mistake === 'signs known fields only') names = names.filter(name => known.includes(name))
    if (mistake === 'leaves null out') names = names.filter(name => params[name] !== null)
    if (mistake === 'leaves empty fields out') names = names.filter(name => params[name] !== '')
    if (mistake === 'sorts by locale') names.sort((a, b) => a.localeCompare(b))
    else if (mistake !== 'does not sort') names.sort()
    const text = names.map(name => `${name}=${valueText(String(params[name]))}`).join(',')
    if (mistake === 'keeps spaces') return text
    return mistake === 'strips all white space'
      ? text.replaceAll(/\s/g, '')
      : text.replaceAll(' ', '')
  }

  function valueText (text: string): string {
    if (mistake === 'bytes as Latin-1') return Buffer.from(text).toString('latin1')
    return mistake === 'decodes values' ? decodeURIComponent(text) : text
  }

  function parse (body: Buffer): Record<string, unknown> | null {
    let text = body.toString()
    // A minimal lossless parser.
    if (mistake !== 'numbers are doubles') text = text.replaceAll(/:([0-9]{17,})/g, ':"$1"')
    try {
      const value: unknown = JSON.parse(text)
      if (Array.isArray(value) && mistake === 'fails on a list') throw new SyntaxError('a list')
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? value as Record<string, unknown>
        : null
    } catch (fault) {
      if (mistake === 'fails on bad JSON' || mistake === 'fails on a list') throw fault
      return null
    }
  }
}
