import { readFileSync } from 'node:fs'
import type { FastifyPluginAsync } from 'fastify'
import { vendors } from 'fastify-contact-center'
import t from 'tap'
import { build } from './helper.ts'

const page = readFileSync(new URL('../docs/guides/replays.md', import.meta.url), 'utf8')

t.test('the table of replay defaults is correct for every vendor', async t => {
  const rows = new Map(
    [...page.matchAll(/^\| `([a-z-]+)` \| (on|off)/gm)].map((
      [, vendor = '', state]
    ) => [vendor, state])
  )
  t.strictSame([...rows.keys()].sort(), [...vendors].sort())
  process.env['NODE_APP_INSTANCE'] = '1'
  t.after(() => {
    delete process.env['NODE_APP_INSTANCE']
  })
  for (const vendor of vendors) {
    const { default: plugin } = await import(`fastify-contact-center/${vendor}`) as {
      default: FastifyPluginAsync<{ keys: string }>
    }
    const lines: string[] = []
    await build(t, async app => {
      await app.register(plugin, { keys: 'a-key-of-at-least-16', ...optionsOf[vendor] })
    }, {
      logger: {
        stream: {
          write: line => {
            lines.push(line)
          }
        }
      }
    })
    // The plugin warns about a memory store if there are sibling processes.
    t.equal(
      lines.some(line => line.includes('replays are remembered in this process only'))
        ? 'on'
        : 'off',
      rows.get(vendor),
      vendor
    )
  }
})

/** Options of vendors whose keys have a format, or that require more. */
const optionsOf: Readonly<Record<string, object>> = {
  'genesys-audiohook': {
    keys: { id: 'api-key', secret: Buffer.from('a-key-of-at-least-16').toString('base64') }
  },
  'standard-webhooks': {
    keys: `whsec_${Buffer.from('a-key-of-at-least-16').toString('base64')}`
  },
  telnyx: { keys: Buffer.alloc(32, 7).toString('base64') },
  twilio: { publicUrl: 'https://voice.example.com' }
}
