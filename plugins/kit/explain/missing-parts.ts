import type { HttpMessage, MissingParts } from './diagnosis.ts'

/** The sentence for a missing part, and the part as found in the request. */
export type Part = readonly [sentence: string, found: unknown]

/** The sentences of the parts that are missing or empty. */
export function missingParts (signature: Part, others: readonly Part[] = []): MissingParts {
  const isMissing = ([, value]: Part): boolean =>
    value === undefined || value === null || value === ''
  return {
    ...isMissing(signature) && { signature: signature[0] },
    others: others.filter(isMissing).map(([sentence]) => sentence)
  }
}

/** A header that a request must have. */
export function headerPart ({ headers }: HttpMessage, name: string): Part {
  return [`the request has no ${name} header`, headers.get(name.toLowerCase())]
}
