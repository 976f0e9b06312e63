import { formatCallTime, parseCallTime } from '../../../plugins/huawei-aicc/index.ts'
import { decodeBase64Sha256 } from '../../../plugins/kit/wire/mac.ts'
import { isInt64 } from '../../../plugins/kit/index.ts'
import { isWithin } from '../../../plugins/kit/wire/time.ts'
import { wholeHash, writeHash } from '../../../plugins/oracle-csc/hash.ts'
import type { Target } from '../target.ts'
import { mustHold, catchRefusal } from './must.ts'

const now = 1660095873001
const window = { pastMs: 300_000, futureMs: 180_000 }

/** Times: digits only, up to 64 bits, exact at both edges of the window. */
export const times: Target = {
  name: 'times',
  about: [
    'plugins/kit/wire/time.ts',
    'plugins/kit/wire/text.ts',
    'plugins/huawei-aicc/call-time.ts'
  ],
  tokens: [
    '1660095873001',
    '9223372036854775807',
    '9223372036854775808',
    '0',
    '00000',
    '1e3',
    '0x10',
    '-1',
    ' 1',
    '1\n',
    '٣',
    '2022/08/10,09:44:33:001',
    '2024/02/29,23:59:59:999',
    '1660095573001',
    '1660096053001',
    '/',
    ',',
    ':'
  ],
  check (bytes) {
    const text = bytes.toString()
    const isInteger = /^\d+$/.test(text) && text.length <= 19 && BigInt(text) < 2n ** 63n &&
      !text.includes('\n')
    mustHold(isInt64(text) === isInteger, 'not what 64 bits hold')
    const isNear = isInteger && BigInt(text) >= BigInt(now - window.pastMs) &&
      BigInt(text) <= BigInt(now + window.futureMs)
    mustHold(isWithin(text, now, window) === isNear, 'the edges of the window are elsewhere')
    const time = catchRefusal(() => parseCallTime(text))
    if (time !== undefined) {
      mustHold(formatCallTime(time) === text, 'a time that was read is written differently')
    }
  }
}

/** Signatures: one spelling each. Oracle's may differ in leading zeros and case. */
export const signatures: Target = {
  name: 'signatures',
  about: ['plugins/kit/wire/mac.ts', 'plugins/oracle-csc/hash.ts'],
  tokens: [
    '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'DA39A3EE',
    '000',
    '=',
    '\n',
    '0039a3ee5e6b4b0d3255bfef95601890afd80709',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  ],
  check (bytes) {
    const text = bytes.toString('latin1')
    const mac = decodeBase64Sha256(text)
    if (mac !== null) {
      mustHold(mac.length === 32 && mac.toString('base64') === text, 'a MAC has two spellings')
    }
    for (const [algorithm, length] of [['sha1', 40], ['sha256', 64]] as const) {
      const hash = wholeHash(text, algorithm)
      if (hash === null) continue
      const lower = text.toLowerCase()
      mustHold(
        hash.length === length && (lower === hash || lower === writeHash(hash)),
        'a hash was read that nobody writes'
      )
    }
  }
}
