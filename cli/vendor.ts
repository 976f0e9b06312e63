import { vendors } from 'fastify-contact-center'
import type { Scheme } from 'fastify-contact-center/kit'
import { namesRead } from './names-read.ts'
import { UsageError } from './usage-error.ts'

type CreateScheme = (options: object) => Scheme<object>

/**
 * The scheme of a vendor, with options from the command line.
 * @throws {UsageError} on an unknown vendor or option, naming those that are known
 * @throws {TypeError} from the vendor, on an impossible value
 */
export async function schemeOf (
  vendor: string | undefined,
  options: ReadonlyMap<string, string>
): Promise<Scheme<object>> {
  const name = vendors.find(one => one === vendor)
  if (name === undefined) {
    throw new UsageError(
      `name a vendor: ${vendors.join(', ')}${vendor === undefined ? '' : `; there is no ${vendor}`}`
    )
  }
  const { createScheme } = await import(`fastify-contact-center/${name}`) as {
    createScheme: CreateScheme
  }
  const known = namesRead({}, createScheme)
  for (const option of options.keys()) {
    if (!known.includes(option)) {
      throw new UsageError(
        `--option ${option} is unknown to ${name}; known are ${known.join(', ')}`
      )
    }
  }
  return createScheme(
    Object.fromEntries(Array.from(options, ([option, value]) => [option, valueOf(value)]))
  )
}

function valueOf (text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : text
}
