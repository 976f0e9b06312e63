import type { FastifyInstance } from 'fastify'
import { html } from 'ghtml'
import { refuseOtherSites } from './lab-routes.ts'
import type { EventLog } from './events.ts'
import { keepNewest } from './keep-newest.ts'
import { replyOrRedirect, renderPage } from './page.ts'

/** One message at the vendor. */
export interface SimulatedMessage {
  readonly id: string
  readonly from: 'customer' | 'company'
  readonly text: string
  /** For the company's messages, the delivery status. */
  status: string
  /** Epoch milliseconds. */
  readonly at: number
}

export interface Contact {
  readonly id: string
  name: string
  readonly messages: SimulatedMessage[]
}

/** Variants by a forger or the network. */
export const ways = ['', 'twice', 'key', 'body'] as const
export type Way = typeof ways[number]

const wayTitles: Record<Way, string> = {
  '': 'once, signed',
  twice: 'twice, as after a lost response',
  key: 'forged: signed with another key',
  body: 'forged: changed after signing'
}

export interface MessagingLab {
  readonly vendor: string
  readonly events: EventLog
  readonly now: () => number
  /** The service's webhook URL. */
  readonly webhookUrl: string
  /** The default contact on the page. */
  readonly contact: { readonly id: string, readonly name: string }
  /** The label of the contact's ID. */
  readonly idLabel: string
  readonly newId: () => string
  /** Creates the vendor's notification of a message. */
  readonly notification: (contact: Contact, message: SimulatedMessage) => object
  /** Creates the vendor's headers. */
  readonly sign: (body: string, forged: boolean) => Record<string, string>
}

export interface Messaging {
  contactOf(id: string): Contact
  contacts(): Contact[]
  /** Posts a notification. Returns the response status, or null if there was none. */
  deliver(notification: object, way?: Way): Promise<number | null>
}

const maximumContacts = 200
const maximumMessages = 200

/**
 * The common parts of messaging simulators: contacts, a page to write as one of them, and
 * notifications. Call it before adding other routes below `/lab/`, which it guards.
 */
export function messagingLab (app: FastifyInstance, lab: MessagingLab): Messaging {
  const { vendor, events, now, webhookUrl } = lab
  const contactsById = new Map<string, Contact>()
  const pending = new Set<AbortController>()
  app.addHook('onClose', async () => {
    for (const controller of pending) controller.abort()
  })
  app.addHook('onRequest', refuseOtherSites)

  for (const path of ['/', '/lab']) {
    app.get(
      path,
      async (_request, reply) =>
        reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(
          renderPage(vendor, renderContent(), events.since())
        )
    )
  }
  app.get('/lab/events', async () => events.since())
  app.get('/lab/contacts', async () => contacts())
  app.post<{ Body: { contact: string, name?: string, text: string, way: Way } }>('/lab/messages', {
    schema: {
      body: {
        type: 'object',
        required: ['contact', 'text'],
        properties: {
          contact: { type: 'string', minLength: 1, maxLength: 60 },
          name: { type: 'string', maxLength: 100 },
          text: { type: 'string', minLength: 1, maxLength: 4000 },
          way: { enum: ways, default: '' }
        }
      }
    }
  }, async (request, reply) => {
    const { contact: id, name, text, way } = request.body
    const contact = contactOf(id)
    if (name) contact.name = name
    const message: SimulatedMessage = {
      id: lab.newId(),
      from: 'customer',
      text,
      status: '',
      at: now()
    }
    const isForged = way === 'key' || way === 'body'
    if (!isForged) addMessage(contact, message)
    const status = await deliver(lab.notification(contact, message), way)
    if (way === 'twice') await deliver(lab.notification(contact, message))
    return replyOrRedirect(request, reply, { id: message.id, status })
  })

  return { contactOf, contacts, deliver }

  function contactOf (id: string): Contact {
    const contact = contactsById.get(id) ??
      { id, name: id === lab.contact.id ? lab.contact.name : '', messages: [] }
    if (!contactsById.has(id)) keepNewest(contactsById, id, contact, maximumContacts)
    return contact
  }

  function contacts (): Contact[] {
    return [...contactsById.values()]
  }

  async function deliver (notification: object, way: Way = ''): Promise<number | null> {
    const body = JSON.stringify(notification)
    const controller = new AbortController()
    pending.add(controller)
    try {
      const { status } = await fetch(webhookUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          ...lab.sign(body, way === 'key')
        },
        body: way === 'body' ? body.replace(/"(?:body|text)":"/, '$&forged ') : body,
        signal: AbortSignal.any([controller.signal, AbortSignal.timeout(5000)])
      })
      events.record(
        'notification',
        status === 200 ? 'accepted' : status < 500 ? 'refused' : 'failed',
        `the service answered ${status} to a notification (${wayTitles[way]})`,
        notification
      )
      return status
    } catch (error) {
      events.record('notification', 'failed', `the service did not answer: ${String(error)}`)
      return null
    } finally {
      pending.delete(controller)
    }
  }

  function renderContent (): string {
    return html`<p>Notifications go to <code>${webhookUrl}</code>. <a href="/lab">Reload</a></p>
<section class="card"><h2>Write as a customer</h2><form action="/lab/messages" method="post" class="row">
<label>${lab.idLabel}<input name="contact" required maxlength="60" value="${lab.contact.id}"></label>
<label>Display name<input name="name" maxlength="100" value="${lab.contact.name}"></label>
<label>Text<input name="text" required maxlength="4000" value="Where is my order?"></label>
<label>Delivery<select name="way">!${
      ways.map(way => html`<option value="${way}">${wayTitles[way]}</option>`).join('')
    }</select></label>
<button>Send</button></form></section>
!${contacts().toReversed().map(renderContact).join('')}`
  }
}

export function addMessage (contact: Contact, message: SimulatedMessage): void {
  contact.messages.push(message)
  if (contact.messages.length > maximumMessages) contact.messages.shift()
}

function renderContact ({ id, name, messages }: Contact): string {
  return html`<section class="card"><h2>${name || id}</h2>!${
    name === '' || name === id ? '' : html`<p class="quiet">${id}</p>`
  }!${messages.length === 0 ? '<p class="quiet">No messages yet.</p>' : ''}<ol class="messages">!${
    messages.map(({ from, text, status }) =>
      html`<li>${from}: ${text} <small class="quiet">${status}</small></li>`
    ).join('')
  }</ol></section>`
}
