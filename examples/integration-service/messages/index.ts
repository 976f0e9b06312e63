import fp from 'fastify-plugin'
import { hasAccount } from '../accounts.ts'
import type { ChannelName } from '../store/index.ts'
import { markOverdueUncertain, hasOverdueMessages } from '../store/messages.ts'
import { chooseToken } from '../vendors.ts'
import type { Channel } from './channel.ts'
import { storeDelivery, statusName, type DeliveryItem } from './store-delivery.ts'
import { lineChannel } from './line-channel.ts'
import { lineRoutes } from './line-routes.ts'
import { whatsappChannel } from './whatsapp-channel.ts'
import { whatsappRoutes } from './whatsapp-routes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The channels by vendor; only vendors with an account have one. */
    channels: ReadonlyMap<ChannelName, Channel>
    /** Stores messages and statuses from a vendor. */
    storeMessages: (channel: ChannelName, items: readonly DeliveryItem[]) => Promise<void>
    /** Marks messages whose process ended while sending as uncertain. */
    sweepMessages: () => Promise<void>
  }
}

export interface MessagesOptions {
  /** For calls to the vendors. */
  readonly fetch?: typeof globalThis.fetch
}

/** Milliseconds until a request to a vendor times out. */
const timeoutMs = 10_000
/** Milliseconds after which a vendor's answer can no longer arrive. */
const abandonedAfterMs = 3 * timeoutMs
const sweepMs = 5000
const dayMs = 24 * 60 * 60 * 1000

/** Messages by WhatsApp and LINE: webhooks, and sending answers. */
export default fp<MessagesOptions>(async function messages (app, { fetch = globalThis.fetch }) {
  const { config, store, now } = app
  const channels = new Map<ChannelName, Channel>()
  app.decorate('channels', channels)
  app.decorate('storeMessages', async (channel: ChannelName, items: readonly DeliveryItem[]) => {
    if (items.length === 0) return
    const context = {
      region: config.PHONE_REGION,
      now: now(),
      oldest: config.RETENTION_DAYS === undefined ? 0 : now() - config.RETENTION_DAYS * dayMs
    }
    const { stored, repeated } = await store.commit(async change =>
      await storeDelivery(change, items, context)
    )
    for (let count = 0; count < stored; count++) app.metrics.countCallback(channel, 'stored')
    for (let count = 0; count < repeated; count++) app.metrics.countCallback(channel, 'repeated')
  })
  app.decorate('sweepMessages', async () => {
    const before = now() - abandonedAfterMs
    if (!await store.read(db => hasOverdueMessages(db, before))) return
    await store.commit(async ({ db, publish }) => {
      for (const message of await markOverdueUncertain(db, before)) {
        publish('conversation.status', {
          conversationId: message.conversation_id,
          messageId: message.id,
          status: statusName(message.status)
        })
      }
    })
  })

  if (hasAccount(config, 'whatsapp')) {
    channels.set(
      'whatsapp',
      whatsappChannel({
        url: config.WHATSAPP_URL.replace(/(?<!\/)\/+$/, ''),
        phoneNumberId: config.WHATSAPP_PHONE_NUMBER_ID,
        token: chooseToken(config, 'WHATSAPP_ACCESS_TOKEN'),
        fetch,
        timeoutMs
      })
    )
    await app.register(whatsappRoutes)
  }
  if (hasAccount(config, 'line')) {
    channels.set(
      'line',
      lineChannel({
        url: config.LINE_URL.replace(/(?<!\/)\/+$/, ''),
        token: chooseToken(config, 'LINE_CHANNEL_ACCESS_TOKEN'),
        fetch,
        timeoutMs
      })
    )
    await app.register(lineRoutes)
  }
  if (channels.size > 0) scheduleSweeps()

  function scheduleSweeps (): void {
    let timer: NodeJS.Timeout | undefined
    let sweeping: Promise<void> = Promise.resolve()
    app.addHook('onListen', async () => {
      timer = setInterval(() => {
        sweeping = app.sweepMessages().catch((error: unknown) => {
          app.log.warn({ err: error }, 'checking unanswered messages failed')
        })
      }, sweepMs)
      timer.unref()
    })
    app.addHook('preClose', async () => {
      clearInterval(timer)
      await sweeping
    })
  }
}, { name: 'messages', dependencies: ['store', 'vendors', 'metrics'] })
