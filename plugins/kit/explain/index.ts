/** The exports of `fastify-contact-center/explain`: why a signature does not match. */
export { bodyMistakes } from './body-mistakes.ts'
export { diagnosisBySigning } from './signing-diagnosis.ts'
export type {
  Diagnosis,
  Digest,
  HttpMessage,
  MissingParts,
  Mistake,
  Reason,
  Spelling,
  Variant
} from './diagnosis.ts'
export { createExplainLog } from './explain-log.ts'
export { explain, type Explanation, type ExplainOptions } from './explain.ts'
export { asParsed, jsonTexts, jsonWriters, parsedObject } from './json-writers.ts'
export { languagePrints } from './literals.ts'
export { headerPart, missingParts, type Part } from './missing-parts.ts'
export {
  decodings,
  hashDigests,
  hmacDigests,
  hmacSha256Digests,
  otherOrders,
  otherTimes,
  plusMistakes,
  valueMistakes
} from './mistakes.ts'
export type { WireValue } from '../wire/json.ts'
