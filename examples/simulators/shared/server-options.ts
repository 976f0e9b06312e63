/**
 * Options of all simulator servers. Compiling the schema of schemas takes longer than compiling the
 * few schemas it checks, and TypeBox's types already check those.
 */
export const serverOptions = {
  ajv: { customOptions: { meta: false, validateSchema: false } }
} as const
