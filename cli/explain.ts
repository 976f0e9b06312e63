import {
  diagnosisBySigning,
  explain as explainSignature,
  type Explanation
} from 'fastify-contact-center/explain'
import type { Command, Task } from './command.ts'
import { canSign } from './sign.ts'
import { UsageError } from './usage-error.ts'

export const explain: Command = {
  summary: 'finds why a request is refused: a known signing mistake, or its time',
  accepts: ['signature', 'other-secret-env', 'other-secret-file', 'now', 'tolerance'],
  run (task) {
    const { scheme, input, signature, keys, otherKeys, time } = task
    const explanation = explainSignature(scheme, chooseDiagnosis(task), input, signature, keys, {
      otherKeys,
      now: time.now,
      window: time.window
    })
    const isAccepted = explanation.matches && explanation.reasons.length === 0
    return {
      exitCode: isAccepted ? 0 : 1,
      text: writeText(explanation, task),
      json: { vendor: scheme.name, ...explanation }
    }
  },
  refuse (reason, task) {
    const explanation = explainRefusal(reason)
    return {
      exitCode: 1,
      text: writeText(explanation, task),
      json: { vendor: task.scheme.name, ...explanation }
    }
  }
}

/** The explanation of an input that the scheme refuses before it looks at the signature. */
function explainRefusal (reason: string): Explanation {
  return {
    matches: false,
    reasons: [{
      code: 'input-refused',
      text: `The input is refused: ${reason}.`,
      fix: 'Correct the input. If the vendor does send it, register the plugin with strict: false.'
    }],
    signedText: '',
    tried: 0,
    complete: true
  }
}

/** @throws {UsageError} for a vendor that can neither be diagnosed nor sign */
function chooseDiagnosis ({ scheme, diagnosis, input, keys: [key] }: Task) {
  if (diagnosis !== undefined) return diagnosis
  if (canSign(scheme)) return diagnosisBySigning(scheme, input, key.secret)
  throw new UsageError(`${scheme.name} cannot be explained: it has no diagnosis`)
}

function writeText (
  { matches, keyId, signature, reasons, signedText, tried }: Explanation,
  { time, otherKeys, otherOptions }: Task
): string {
  const position = signature === undefined
    ? ''
    : `, signature ${signature.number} of ${signature.of}`
  const key = keyId === undefined ? '' : ` with ${keyId}${position}`
  const isRefused = reasons.some(({ code }) => code === 'input-refused')
  const verdict = matches
    ? `matches${key}`
    : isRefused
    ? 'does not match'
    : keyId === undefined
    ? `does not match, and none of ${tried} known mistakes explains ${
      signature === undefined ? 'it' : `one of the ${signature.of} signatures`
    }`
    : `does not match; signed${key}, but:`
  const lines = [verdict]
  for (const { code, text, fix } of reasons) lines.push(`- ${code}: ${text}`, `  ${fix}`)
  if (matches && reasons.length > 0) {
    lines.push('The signature is right; the request is refused for its time.')
  }
  if (!time.isExplicit && reasons.some(({ code }) => code === 'time-outside-window')) {
    lines.push('For an older capture, pass its arrival time: --now MS.')
  }
  if (isRefused) return lines.join('\n')
  if (keyId === undefined && otherKeys.length === 0) {
    lines.push(
      'Was another key used? Try it with --other-secret-env or --other-secret-file.'
    )
  }
  // Other reasons name what strict refuses.
  const unsetOptions = otherOptions.filter(option => option !== 'strict')
  if (keyId === undefined && unsetOptions.length > 0) {
    lines.push(
      `Is the plugin registered with ${unsetOptions.join(' or ')}? Give the same here: --option ${
        unsetOptions[0]
      }=VALUE.`
    )
  }
  lines.push('The text to sign, with the secret masked:', escapeInvisible(signedText))
  return lines.join('\n')
}

/**
 * A caller chose this text: it must not control the terminal. Invisible characters are also often
 * the mistake.
 */
function escapeInvisible (text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    character => `\\u{${character.codePointAt(0)?.toString(16)}}`
  )
}
