// Contiple's keys in a file that may change while the server runs. Run it with
//   CONTIPLE_KEYS_FILE=keys.json npx tsx examples/keys-from-file.ts
// The file contains [{ "id": "2026-11", "secret": "…", "notAfter": 1795996800000 }, …]
import { readFileSync, watchFile } from 'node:fs'
import Fastify from 'fastify'
import contiple, { LookupQuery, LookupReplies } from 'fastify-contact-center/contiple'
import type { Key } from 'fastify-contact-center'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const path = process.env['CONTIPLE_KEYS_FILE'] ?? 'keys.json'
let keys = await readKeys()

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

// Called on every request and not cached: it has no `tenant` and is cheap.
await app.register(contiple, { keys: () => keys })

// Polls stat instead of using events, to notice replaced files and changed symlinks, as in
// Kubernetes secret mounts.
watchFile(path, {
  interval: Number(process.env['CONTIPLE_KEYS_POLL_MS'] ?? 5000),
  persistent: false
}, async () => {
  try {
    keys = await readKeys()
    app.log.info({ keys: keys.map(({ id }) => id) }, 'keys changed')
  } catch {
    // Omits the error: JSON errors quote the text, which contains secrets.
    app.log.error({ path }, 'the key file is invalid; the previous keys stay in use')
  }
})

app.post('/contiple/customer', {
  preValidation: app.contiple.verify,
  schema: { body: LookupQuery, response: LookupReplies }
}, async (request) => ({ data: { id: request.body.callNum } }))

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })

/** Throws unless the file contains at least one key and only valid keys. */
async function readKeys (): Promise<readonly Key[]> {
  const list = JSON.parse(readFileSync(path, 'utf8')) as Key[]
  // The plugin validates keys at registration, here on a throwaway app.
  await Fastify().register(contiple, { keys: list })
  return list
}
