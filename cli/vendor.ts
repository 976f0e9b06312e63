import { vendors } from 'fastify-contact-center'
import type { Diagnosis } from 'fastify-contact-center/explain'
import type { Scheme, Verifier } from 'fastify-contact-center/kit'
import { namesRead } from './names-read.ts'
import { UsageError } from './usage-error.ts'

/** What a vendor's module exports. */
interface VendorModule {
  createScheme(options: object): Scheme<object> | Verifier<object>
  createDiagnosis(options: object): Diagnosis<object>
}

export interface Vendor {
  readonly scheme: Scheme<object> | Verifier<object>
  readonly diagnosis: Diagnosis<object>
}

/**
 * A vendor's scheme and diagnosis, with options from the command line.
 * @throws {UsageError} on an unknown vendor or option, naming those that are known
 * @throws {TypeError} from the vendor, on an impossible value
 */
export async function vendorOf (
  vendor: string | undefined,
  options: ReadonlyMap<string, string>
): Promise<Vendor> {
  const name = vendors.find(one => one === vendor)
  if (name === undefined) {
    throw new UsageError(
      `name a vendor: ${vendors.join(', ')}${vendor === undefined ? '' : `; there is no ${vendor}`}`
    )
  }
  const { createScheme, createDiagnosis } = await import(
    `fastify-contact-center/${name}`
  ) as VendorModule
  const known = namesRead({}, createScheme)
  for (const option of options.keys()) {
    if (!known.includes(option)) {
      throw new UsageError(
        `--option ${option} is unknown to ${name}; known are ${known.join(', ')}`
      )
    }
  }
  const values = Object.fromEntries(
    Array.from(options, ([option, value]) => [option, valueOf(value)])
  )
  return { scheme: createScheme(values), diagnosis: createDiagnosis(values) }
}

function valueOf (text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : text
}
