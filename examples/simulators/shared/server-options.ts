/**
 * Of every simulator's server. To compile the schema of schemas takes longer than to compile the
 * few that are checked by it, and the types of TypeBox check those already.
 */
export const serverOptions = {
  ajv: { customOptions: { meta: false, validateSchema: false } }
} as const
