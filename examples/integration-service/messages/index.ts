import fp from 'fastify-plugin'
import { hasAccount } from '../accounts.ts'
import type { ChannelName } from '../store/index.ts'
import { giveUpOverdue, hasOverdueMessages } from '../store/messages.ts'
import { tokenOf } from '../vendors.ts'
import type { Channel } from './channel.ts'
import { keepTold, statusName, type Told } from './keep.ts'
import { lineChannel } from './line-channel.ts'
import { lineRoutes } from './line-routes.ts'
import { whatsappChannel } from './whatsapp-channel.ts'
import { whatsappRoutes } from './whatsapp-routes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The channels by vendor; only vendors with an account have one. */
    channels: ReadonlyMap<ChannelName, Channel>
    /** Stores messages and statuses from a vendor. */
    keepMessages: (channel: ChannelName, told: readonly Told[]) => Promise<void>
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
const abandonedMs = 3 * timeoutMs
const stepMs = 5000
const dayMs = 24 * 60 * 60 * 1000

/** Messages by WhatsApp and LINE: webhooks, and sending answers. */
export default fp<MessagesOptions>(async function messages (app, { fetch = globalThis.fetch }) {
  const { config, store, now } = app
  const channels = new Map<ChannelName, Channel>()
  app.decorate('channels', channels)
  app.decorate('keepMessages', async (channel: ChannelName, told: readonly Told[]) => {
    if (told.length === 0) return
    const circumstances = {
      region: config.PHONE_REGION,
      now: now(),
      oldest: config.RETENTION_DAYS === undefined ? 0 : now() - config.RETENTION_DAYS * dayMs
    }
    const { stored, repeated } = await store.commit(async change =>
      await keepTold(change, told, circumstances)
    )
    for (let count = 0; count < stored; count++) app.metrics.callback(channel, 'stored')
    for (let count = 0; count < repeated; count++) app.metrics.callback(channel, 'repeated')
  })
  app.decorate('sweepMessages', async () => {
    const before = now() - abandonedMs
    if (!await store.read(db => hasOverdueMessages(db, before))) return
    await store.commit(async ({ db, publish }) => {
      for (const message of await giveUpOverdue(db, before)) {
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
        token: tokenOf(config, 'WHATSAPP_ACCESS_TOKEN'),
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
        token: tokenOf(config, 'LINE_CHANNEL_ACCESS_TOKEN'),
        fetch,
        timeoutMs
      })
    )
    await app.register(lineRoutes)
  }
  if (channels.size > 0) sweepNowAndThen()

  function sweepNowAndThen (): void {
    let timer: NodeJS.Timeout | undefined
    let sweeping: Promise<void> = Promise.resolve()
    app.addHook('onListen', async () => {
      timer = setInterval(() => {
        sweeping = app.sweepMessages().catch((error: unknown) => {
          app.log.warn({ err: error }, 'unanswered messages could not be checked')
        })
      }, stepMs)
      timer.unref()
    })
    app.addHook('preClose', async () => {
      clearInterval(timer)
      await sweeping
    })
  }
}, { name: 'messages', dependencies: ['store', 'vendors', 'metrics'] })
