/**
 * Other spellings of a signature, by name, which lenient decoders accept. The signature's own
 * spelling is left out.
 */
export function otherSpellings (signature: string): Map<string, string> {
  const isHex = /^[0-9a-f]+$/.test(signature)
  const bytes = Buffer.from(signature, isHex ? 'hex' : 'base64')
  const all: Record<string, string> = {
    'upper case': signature.toUpperCase(),
    'lower case': signature.toLowerCase(),
    hex: bytes.toString('hex'),
    'upper-case hex': bytes.toString('hex').toUpperCase(),
    'hex with a prefix': `0x${bytes.toString('hex')}`,
    'zeros dropped': signature.replace(/^0+/, ''),
    'with a zero in front': `0${signature}`,
    base64: bytes.toString('base64'),
    'base64 without padding': bytes.toString('base64').replace(/={1,2}$/, ''),
    'base64 with too much padding': `${bytes.toString('base64')}=`,
    'url-safe base64': bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
    'url-safe base64 without padding': bytes.toString('base64url'),
    'base64 with other spare bits': changeSpareBits(bytes.toString('base64')),
    'base64 of the text': Buffer.from(signature).toString('base64'),
    'with a space before': ` ${signature}`,
    'with a space after': `${signature} `,
    'with a newline after': `${signature}\n`,
    'with a space inside': `${signature.slice(0, 4)} ${signature.slice(4)}`,
    quoted: `"${signature}"`,
    'percent-encoded': `%${signature.charCodeAt(0).toString(16)}${signature.slice(1)}`
  }
  // A header that also has other parts may decode to nothing: that would be a missing signature.
  return new Map(Object.entries(all).filter(([, text]) => text !== signature && text !== ''))
}

/** Changes the last digit before the padding, which has bits that decoders ignore. */
function changeSpareBits (base64: string): string {
  return base64.replace(/[A-Za-z0-9+/](?==)/, digit => digits.charAt(digits.indexOf(digit) + 1))
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
