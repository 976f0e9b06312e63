import { explain as explainSignature, type Explanation } from 'fastify-contact-center/explain'
import type { Command } from './command.ts'

export const explain: Command = {
  summary: 'says why a signature does not match, by signing as wrong clients do',
  takes: ['signature', 'other-secret-env', 'other-secret-file', 'now', 'tolerance'],
  run ({ scheme, diagnosis, input, signature, keys, otherKeys, time }) {
    const explanation = explainSignature(scheme, diagnosis, input, signature, keys, {
      otherKeys,
      ...time
    })
    const right = explanation.matches && explanation.reasons.length === 0
    return {
      exitCode: right ? 0 : 1,
      text: textOf(
        explanation,
        time === undefined && diagnosis.timestamp !== undefined,
        otherKeys.length > 0
      ),
      json: { vendor: scheme.name, ...explanation }
    }
  }
}

function textOf (
  { matches, keyId, reasons, signedText, tried }: Explanation,
  timeless: boolean,
  othersTried: boolean
): string {
  const by = keyId === undefined ? '' : ` with ${keyId}`
  const verdict = matches
    ? `matches${by}`
    : keyId === undefined
    ? `does not match, and none of ${tried} ways to sign wrongly explains it`
    : `does not match; signed${by}, but:`
  const lines = [verdict]
  for (const { code, text, fix } of reasons) lines.push(`- ${code}: ${text}`, `  ${fix}`)
  if (keyId === undefined && !othersTried) {
    lines.push(
      'Is it another key? --other-secret-env and --other-secret-file try those that do not count.'
    )
  }
  if (timeless) lines.push('The time was not looked at: --now or --tolerance asks for it.')
  lines.push('What is to be signed, with the secret masked:', visible(signedText))
  return lines.join('\n')
}

/**
 * A caller chose this text: it must not steer a terminal, and what cannot be seen is often what is
 * wrong.
 */
function visible (text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    one => `\\u{${one.codePointAt(0)?.toString(16)}}`
  )
}
