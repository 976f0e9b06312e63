import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { vendors } from 'fastify-contact-center'
import type { Diagnosis } from 'fastify-contact-center/explain'
import type { Scheme, Verifier } from 'fastify-contact-center/kit'
import { recordReads } from './record-reads.ts'
import { UsageError } from './usage-error.ts'

export interface Vendor {
  /** Cannot sign if only the vendor has the private key. */
  readonly scheme: Verifier<object>
  readonly diagnosis: Diagnosis<object> | undefined
  /** The names of the options that were not given. */
  readonly otherOptions: readonly string[]
}

/** Makes a vendor's scheme and diagnosis from options. */
interface Factories {
  readonly name: string
  /** The names of its options. */
  readonly options: readonly string[]
  /** Options of the plugin that the diagnosis needs to read a request. */
  readonly diagnosisOptions?: readonly string[]
  /** @throws {UsageError} on a value that the plugin's option would refuse */
  checkOption?(option: string, value: unknown): void
  scheme(options: object): Verifier<object>
  diagnosis?(options: object): Diagnosis<object>
}

/**
 * A vendor's scheme and diagnosis, with options from the command line. The vendor is one of the
 * package's, or a module of the user's.
 * @throws {UsageError} on an unknown vendor or option, naming those that are known, and on a module
 * that cannot be loaded or exports no vendor
 * @throws {TypeError} from the vendor, on an impossible value
 */
export async function loadVendor (
  vendor: string | undefined,
  options: ReadonlyMap<string, string>
): Promise<Vendor> {
  const { name, options: schemeOptions, diagnosisOptions = [], checkOption, ...create } =
    await loadFactories(vendor)
  const knownOptions = Array.from(new Set([...schemeOptions, ...diagnosisOptions]))
  for (const option of options.keys()) {
    if (!knownOptions.includes(option)) {
      throw new UsageError(
        `--option ${option} is unknown to ${name}; ${
          knownOptions.length === 0
            ? 'it has no options'
            : `its options: ${knownOptions.join(', ')}`
        }`
      )
    }
  }
  const values = Object.fromEntries(
    Array.from(options, ([option, text]) => {
      const value = parseValue(text)
      // A scheme checks its own options. A diagnosis does not.
      if (!schemeOptions.includes(option)) checkOption?.(option, value)
      return [option, value]
    })
  )
  return {
    scheme: create.scheme(values),
    diagnosis: create.diagnosis?.(values),
    otherOptions: knownOptions.filter(option => !options.has(option))
  }
}

async function loadFactories (vendor = ''): Promise<Factories> {
  const name = vendors.find(candidate => candidate === vendor)
  if (name !== undefined) {
    return wrapFunctions(name, await import(`fastify-contact-center/${name}`) as SchemeModule)
  }
  if (isPath(vendor)) return findVendor(vendor, await importModule(vendor))
  throw new UsageError(
    `${vendor === '' ? 'a vendor is missing' : `unknown vendor ${vendor}`}; the vendors: ${
      vendors.join(', ')
    }, or the path of a module such as ./my-vendor.js`
  )
}

function isPath (vendor: string): boolean {
  return /\.[cm]?[jt]s$/.test(vendor)
}

async function importModule (path: string): Promise<object> {
  if (!existsSync(path)) throw new UsageError(`${path} cannot be loaded: there is no such file`)
  try {
    return await import(pathToFileURL(resolve(path)).href) as object
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new UsageError(
        `Node ${process.versions.node} cannot load TypeScript: use Node 22.18 or later, run this with NODE_OPTIONS=--import=tsx, or name the compiled .js file`
      )
    }
    throw new UsageError(`${path} cannot be loaded: ${(error as Error).message}`)
  }
}

/** The functions that each vendor of the package exports; other modules may too. */
interface SchemeModule {
  readonly default?: unknown
  createScheme(options: object): Scheme<object>
  createDiagnosis?(options: object): Diagnosis<object>
}

function wrapFunctions (
  name: string,
  { default: plugin, createScheme, createDiagnosis }: SchemeModule
): Factories {
  const definitions = propertyOf(propertyOf(plugin, 'vendor'), 'options')
  return {
    name,
    checkOption (option, value) {
      const definition = propertyOf(definitions, option) as OptionDefinition | undefined
      definition?.read(value, problem => {
        throw new UsageError(`--option ${option} ${problem}`)
      })
    },
    options: recordReads({}, createScheme),
    diagnosisOptions: createDiagnosis === undefined ? [] : recordReads({}, createDiagnosis),
    scheme: createScheme,
    ...createDiagnosis && { diagnosis: createDiagnosis }
  }
}

interface OptionDefinition {
  read(value: unknown, refuse: (problem: string) => never): unknown
}

/** The property `vendor` of plugins that `defineVendor` made. */
interface VendorValue {
  readonly name: string
  readonly options: object
  scheme(options: object): Verifier<object>
  diagnosis?(options: object): Diagnosis<object>
}

/** The vendor is the default export, or any other export. */
function findVendor (path: string, module: object): Factories {
  const exportedValues: unknown[] = [
    'default' in module ? module.default : undefined,
    ...Object.values(module)
  ]
  const [vendor] = exportedValues.flatMap(candidate => [candidate, propertyOf(candidate, 'vendor')])
    .filter(isVendor)
  if (vendor !== undefined) return { ...vendor, options: Object.keys(vendor.options) }
  if (isSchemeModule(module)) return wrapFunctions(path, module)
  throw new UsageError(
    `${path} exports no vendor: export one made by defineVendor, or createScheme`
  )
}

function isVendor (value: unknown): value is VendorValue {
  return typeof propertyOf(value, 'name') === 'string' &&
    typeof propertyOf(value, 'options') === 'object' &&
    typeof propertyOf(value, 'scheme') === 'function'
}

function isSchemeModule (module: object): module is SchemeModule {
  return typeof propertyOf(module, 'createScheme') === 'function'
}

function propertyOf (value: unknown, name: string): unknown {
  const hasProperties = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return hasProperties ? (value as Record<string, unknown>)[name] : undefined
}

function parseValue (text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : text
}
