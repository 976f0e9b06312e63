import type { Static, TObject, TSchema } from '@sinclair/typebox'
import { ConfigError } from './config-error.ts'

/** The supported keywords of a setting's schema. */
interface Setting {
  readonly type?: 'string' | 'integer' | 'boolean'
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  /** The separator of a list's items. */
  readonly separator?: string
}

/**
 * Converts variables by their schema. Loading a full JSON Schema validator takes a quarter of the
 * service's start, and settings are only texts, whole numbers and switches.
 * @throws {ConfigError} naming every faulty variable, never its value
 */
export function readSettings<Schema extends TObject> (
  { properties, required = [] }: Schema,
  env: Readonly<Record<string, string | undefined>>
): Static<Schema> {
  const faults: string[] = []
  const settings: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries<Setting & TSchema>(properties)) {
    const text = env[name]
    // An empty variable counts as unset: compose files and CI pass unset ones this way.
    const isSet = text !== undefined && text.trim() !== ''
    if (!isSet && schema.default === undefined) {
      if (required.includes(name)) faults.push(`${name} is required`)
      continue
    }
    const value = isSet ? text : schema.default
    settings[name] = typeof value === 'string' ? convertValue(schema, value) : value
    const fault = isSet ? findFault(schema, settings[name]) : undefined
    if (fault !== undefined) faults.push(`${name} must ${fault}`)
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return settings as Static<Schema>
}

function convertValue ({ type, separator }: Setting, text: string): unknown {
  if (separator !== undefined) return text === '' ? [] : text.split(separator)
  if (type === 'integer') return Number(text)
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : undefined)
  return text
}

function findFault (
  { type, pattern, minimum = -Infinity, maximum = Infinity, ...schema }: Setting,
  value: unknown
): string | undefined {
  if (type === 'integer') {
    if (!Number.isInteger(value)) return 'be an integer'
    if (Number(value) < minimum) return `be at least ${minimum}`
    if (Number(value) > maximum) return `be at most ${maximum}`
  }
  if (type === 'boolean' && value === undefined) return 'be true or false'
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(String(value))) {
    return `match pattern "${pattern}"`
  }
  if (schema.enum !== undefined && !schema.enum.includes(String(value))) {
    return `be one of ${schema.enum.join(', ')}`
  }
  return undefined
}
