// For each known answer, `explain` finds no mistake in a forger's signature.
import { vendors } from 'fastify-contact-center'
import { type Diagnosis, explain } from 'fastify-contact-center/explain'
import type { Scheme } from 'fastify-contact-center/kit'
import t from 'tap'
import { vectorsOf } from '../../test/helper.ts'

interface Vendor {
  createScheme(options: object): Scheme<object>
  createDiagnosis(options: object): Diagnosis<object>
}

/** An unknown key. Base64, because some vendors require it. */
const key = Buffer.from('nobody has this key').toString('base64')

// Telnyx's schemes can only verify.
for (const vendor of vendors.filter(name => name !== 'telnyx')) {
  t.test(vendor, async t => {
    const { createScheme, createDiagnosis } = await import(
      `fastify-contact-center/${vendor}`
    ) as Vendor
    for (const { name, options, input, secret } of vectorsOf<object>(vendor)) {
      const stranger = vendor === 'standard-webhooks' ? `whsec_${key}` : key
      const forged = createScheme(options).sign(input, stranger)
      const { matches, reasons } = explain(
        createScheme(options),
        createDiagnosis(options),
        input,
        forged,
        [{ id: 'its', secret }]
      )
      t.strictSame({ matches, reasons }, { matches: false, reasons: [] }, name)
    }
  })
}
