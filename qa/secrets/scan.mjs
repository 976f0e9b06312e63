// Looks for what must not be seen in one text.
import { known } from './known.mjs'

/** What must not be seen in a log line, a refusal, a metric, an event or an error. */
export const everywhere = ['secret', 'MAC', 'signed text', 'signed URL', 'phone number']
/**
 * And in any other reply. Those may sign, tell a caller who was let in a customer's number,
 * or give back what was received; but never the signature that a forger failed to make.
 */
export const inReplies = ['secret', 'expected MAC']

/**
 * A number in international form, or a Korean one as it is dialled; not digits within other digits,
 * a fraction or an id.
 */
const phone =
  /(?<![\w.:+%-])(?:\+[1-9][0-9]{7,14}|82-?10-?[0-9]{4}-?[0-9]{4}|0(?:1[016-9]|2|[3-6][1-5]|70)-?[0-9]{3,4}-?[0-9]{4})(?![\w.:-])/
const signedUrl = /[?&;](?:hash|token|accessToken)=(?:[0-9A-Fa-f]{39,}|[\w+/-]{40,})/
const macs = /[0-9A-Fa-f]{39,64}|[\w+/-]{43}=?/g

/** The sorts of leak in a text that was seen at a moment, each with the place. */
export function scan (text, looked, moment) {
  const found = new Map()
  for (const spelling of spellings(text)) {
    for (const sort of looked) {
      const at = found.has(sort) ? -1 : finders[sort](spelling, moment)
      if (at >= 0) found.set(sort, spelling.slice(Math.max(0, at - 60), at + 120))
    }
  }
  return found
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
  return [...text.matchAll(macs)].find(({ 0: one }) => hexForms(one).some(counts))?.index ?? -1
}

/** Hex may lack leading zeros, as Oracle's does; the rest is base64 of either alphabet. */
function hexForms (text) {
  const ofBase64 = Buffer.from(text, 'base64').toString('hex')
  return /^[0-9A-Fa-f]+$/.test(text)
    ? [text.toLowerCase().padStart(40, '0'), text.toLowerCase().padStart(64, '0')]
    : [ofBase64]
}

/** As it stands, and with the escapes of URLs, JSON and HTML undone. */
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
