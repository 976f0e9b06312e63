// A vendor that the package does not include, using the template plugin in custom-vendor/. Run it
// with ACME_KEY=… npx tsx examples/custom-vendor.ts
import Fastify from 'fastify'
import acme from './custom-vendor/index.ts'

const app = Fastify({ logger: true })

await app.register(acme, { keys: process.env['ACME_KEY'] ?? '' })

app.post(
  '/acme/event',
  { preValidation: app.acme.verify },
  async (request) => ({ received: request.body, signedWith: request.verification?.keyId })
)

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
