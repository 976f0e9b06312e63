const escapes = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;'
}

/** The Content-Type of a TwiML reply. */
export const twimlType = 'text/xml; charset=utf-8'

/**
 * A tag for template literals: a TwiML document with its declaration. Values are escaped, so that a
 * caller's name cannot become an instruction.
 * @see https://www.twilio.com/docs/voice/twiml
 */
export function twiml (
  markup: TemplateStringsArray,
  ...values: ReadonlyArray<string | number>
): string {
  const text = markup.map((part, index) =>
    part + (index < values.length ? escapeValue(values[index] ?? '') : '')
  )
  return `<?xml version="1.0" encoding="UTF-8"?>${text.join('')}`
}

/** XML excludes control characters, even as character references. */
function escapeValue (value: string | number): string {
  return String(value)
    .toWellFormed()
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '')
    .replaceAll(/[&<>"']/g, item => escapes[item as keyof typeof escapes])
}
