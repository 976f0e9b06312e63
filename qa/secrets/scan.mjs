// Scans one text for leaks.
import { known } from './known.mjs'

/** Values that must not appear in a log line, refusal, metric, event or error. */
export const forbiddenEverywhere = ['secret', 'MAC', 'signed text', 'signed URL', 'phone number']
/**
 * Values that must not appear in other replies. Those may contain signatures, a customer's number
 * for an authorized caller, or echoed input, but never the signature that a forger failed to make.
 */
export const forbiddenInReplies = ['secret', 'expected MAC']

/**
 * An international number, or a Korean one as dialled; not digits within other digits, a fraction
 * or an ID.
 */
const phone =
  /(?<![\w.:+%-])(?:\+[1-9][0-9]{7,14}|82-?10-?[0-9]{4}-?[0-9]{4}|0(?:1[016-9]|2|[3-6][1-5]|70)-?[0-9]{3,4}-?[0-9]{4})(?![\w.:-])/
const signedUrl = /[?&;](?:hash|token|accessToken)=(?:[0-9A-Fa-f]{39,}|[\w+/-]{40,})/
const macs = /[0-9A-Fa-f]{39,64}|[\w+/-]{43}=?/g

/** The kinds of leak in a text seen at a moment, each with its location. */
export function scan (text, sorts, moment) {
  const leaks = new Map()
  for (const spelling of spellings(text)) {
    for (const sort of sorts) {
      const index = leaks.has(sort) ? -1 : finders[sort](spelling, moment)
      if (index >= 0) leaks.set(sort, spelling.slice(Math.max(0, index - 60), index + 120))
    }
  }
  return leaks
}

const finders = {
  secret: text => known.secrets.find(text),
  MAC: text => findMac(text, hex => known.macs.has(hex)),
  'expected MAC': (text, moment) =>
    findMac(text, hex => (known.withheld.get(hex) ?? Infinity) <= moment),
  'signed text': text => known.texts.find(text),
  'signed URL': text => text.search(signedUrl),
  'phone number': text => text.search(phone)
}

function findMac (text, counts) {
  return [...text.matchAll(macs)].find(({ 0: mac }) => hexForms(mac).some(counts))?.index ?? -1
}

/** Hex may lack leading zeros, like Oracle's; the rest is base64 or base64url. */
function hexForms (text) {
  const ofBase64 = Buffer.from(text, 'base64').toString('hex')
  return /^[0-9A-Fa-f]+$/.test(text)
    ? [text.toLowerCase().padStart(40, '0'), text.toLowerCase().padStart(64, '0')]
    : [ofBase64]
}

/** The text itself, and with the escapes of URLs, JSON and HTML decoded. */
function spellings (text) {
  const all = new Set([text])
  if (text.includes('%')) all.add(text.replace(/(?:%[0-9A-Fa-f]{2})+/g, unescapeUrl))
  if (text.includes('\\')) all.add(text.replace(/\\(["\\/])/g, '$1'))
  if (text.includes('&')) {
    all.add(
      text.replaceAll('&quot;', '"').replaceAll('&#x2F;', '/').replaceAll('&#x3D;', '=').replaceAll(
        '&amp;',
        '&'
      )
    )
  }
  return all
}

function unescapeUrl (escaped) {
  try {
    return decodeURIComponent(escaped)
  } catch {
    return escaped
  }
}
