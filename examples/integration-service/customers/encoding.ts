import iconv from 'iconv-lite'

/** Decodes bytes piece by piece. */
export interface Decoder {
  /** Without bytes: ends the text. @throws {EncodingMismatch} */
  decode(bytes?: Uint8Array): string
}

/** The bytes are not valid in this encoding. */
export class EncodingMismatch extends Error {}

/** As browsers decode them, which is as Windows writes them. */
const windowsEncodings: Record<string, string> = {
  'euc-kr': 'cp949',
  'ks_c_5601-1987': 'cp949',
  shift_jis: 'cp932',
  'shift-jis': 'cp932',
  'iso-8859-1': 'windows-1252',
  'iso-8859-9': 'windows-1254',
  latin1: 'windows-1252',
  ascii: 'windows-1252',
  'us-ascii': 'windows-1252',
  gb2312: 'gbk'
}

/** Characters that no real text contains: the encoding must be another. */
const controlCharacters = /[\0-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]/ // eslint-disable-line no-control-regex

/** @throws {RangeError} for an unknown encoding */
export function createDecoder (name: string): Decoder {
  const encoding = name.trim().toLowerCase()
  const decode = /^utf-?(?:8|16(?:le|be)?)$/.test(encoding)
    ? createUnicodeDecoder(encoding.replace(/^utf-?/, 'utf-'))
    : createLegacyDecoder(windowsEncodings[encoding] ?? encoding)
  return {
    decode (bytes) {
      let text: string
      try {
        text = decode(bytes)
      } catch {
        throw new EncodingMismatch(describeMismatch(name, bytes))
      }
      if (controlCharacters.test(text)) throw new EncodingMismatch(describeMismatch(name, bytes))
      return text
    }
  }
}

function createUnicodeDecoder (
  encoding: string
): Decoder['decode'] & ((bytes?: Uint8Array) => string) {
  const decoder = new TextDecoder(encoding, { fatal: true })
  return bytes => bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
}

/**
 * Node's own euc-kr decoder knows a fifth of the syllables that Windows writes, and decodes the
 * others wrongly.
 */
function createLegacyDecoder (encoding: string): (bytes?: Uint8Array) => string {
  if (!iconv.encodingExists(encoding)) throw new RangeError(`unknown encoding ${encoding}`)
  const decoder = iconv.getDecoder(encoding, { stripBOM: false })
  return bytes => {
    const text = bytes === undefined ? decoder.end() ?? '' : decoder.write(Buffer.from(bytes))
    if (text.includes('\ufffd')) throw new Error('not in this encoding')
    return text
  }
}

function describeMismatch (name: string, bytes: Uint8Array | undefined): string {
  const [first, second] = bytes ?? []
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  return `the file is not ${name}${isUtf16 ? '; it looks like utf-16' : ''}`
}
