import { randomUUID } from 'node:crypto'
import { demoSignIns } from '../../integration-service/store/seed.ts'
import { Browser } from './browser.ts'
import { sendCommand, expect, expectEvent, expectStatus, type Step, type Tour } from './step.ts'

const [, customer] = demoSignIns.members
const whatsappContact = customer.phone.slice(1)
const lineContact = 'U4af4980629f1e6e9b1b1ad3c2d5e6f70'

interface Conversation {
  id: string
  contactId: string
  verified: boolean
  customer: { name: string } | null
  lastMessage: { text: string, status: string | null }
}

/** Customers write on WhatsApp and LINE, and the agent answers. */
export const messageSteps: Step[] = [
  {
    title: 'A customer writes on WhatsApp, and the desk identifies the customer',
    signedBy: 'Meta',
    verifiedBy: 'the service',
    async run (tour) {
      await sendFromCustomer(tour, 'whatsapp', {
        contact: whatsappContact,
        text: 'Hei!',
        way: 'twice'
      })
      const conversation = await findConversation(tour, whatsappContact)
      expect(
        conversation?.customer?.name === customer.name && conversation.verified,
        `the desk shows ${JSON.stringify(conversation)}`
      )
      return `${customer.name}: ${conversation.lastMessage.text}`
    },
    twin: {
      title: 'another key, and a text changed after signing',
      async run (tour) {
        const contact = '15550000000'
        for (const way of ['key', 'body']) {
          const { status } = await sendFromCustomer(tour, 'whatsapp', {
            contact,
            text: 'Pay me',
            way
          })
          expect(status === 401, `the message with a forged ${way} got ${status}`)
        }
        expect(
          await findConversation(tour, contact) === undefined,
          'the desk shows the forged message'
        )
        return '401, 401'
      }
    }
  },
  {
    title: 'The agent answers, and WhatsApp reports the answer as read',
    signedBy: 'the service, by bearer token',
    verifiedBy: 'WhatsApp',
    async run (tour) {
      const { urls } = tour.stack
      await sendAnswer(tour, whatsappContact, 'Hello!')
      const [contact] = await fetchContacts(`${urls.whatsapp}/lab/contacts`, whatsappContact)
      const id = encodeURIComponent(contact?.messages.at(-1)?.id ?? '')
      for (const status of ['read', 'delivered']) {
        await sendCommand(`${urls.whatsapp}/lab/messages/${id}/status`, { status })
      }
      const lastMessage = (await findConversation(tour, whatsappContact))?.lastMessage
      expect(lastMessage?.status === 'read', `the desk shows ${JSON.stringify(lastMessage)}`)
      return 'read; the late "delivered" changed nothing'
    },
    twin: {
      title: 'another token, and an answer without a session',
      async run (tour) {
        const { urls, config } = tour.stack
        const stolenTokenReply = await fetch(
          `${config.WHATSAPP_URL}/${config.WHATSAPP_PHONE_NUMBER_ID}/messages`,
          {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: 'Bearer stolen' },
            body: JSON.stringify({ to: whatsappContact, type: 'text', text: { body: 'x' } })
          }
        )
        await expectStatus(stolenTokenReply, 401)
        const { id = '' } = await findConversation(tour, whatsappContact) ?? {}
        const reply = await new Browser().postJson(
          `${urls.service}/api/conversations/${id}/messages`,
          { id: randomUUID(), text: 'x' }
        )
        await expectStatus(reply, 401)
        return `${await expectEvent(urls.whatsapp, 'send', 'refused')}; 401`
      }
    }
  },
  {
    title: 'A user writes on LINE, and the answer uses the reply token',
    signedBy: 'LINE',
    verifiedBy: 'the service',
    async run (tour) {
      await sendFromCustomer(tour, 'line', { contact: lineContact, text: 'こんにちは' })
      const conversation = await findConversation(tour, lineContact)
      expect(conversation?.verified === false, 'the desk shows the LINE user as verified')
      await sendAnswer(tour, lineContact, 'はい')
      return await expectEvent(tour.stack.urls.line, 'send', 'accepted')
    },
    twin: {
      title: 'another key, and a text changed after signing',
      async run (tour) {
        for (const way of ['key', 'body']) {
          const { status } = await sendFromCustomer(tour, 'line', {
            contact: lineContact,
            text: 'x',
            way
          })
          expect(status === 401, `the message with a forged ${way} got ${status}`)
        }
        return '401, 401'
      }
    }
  }
]

async function sendFromCustomer (
  { stack: { urls } }: Tour,
  vendor: 'whatsapp' | 'line',
  message: { contact: string, text: string, way?: string }
): Promise<{ status: number }> {
  return await sendCommand(`${urls[vendor]}/lab/messages`, message) as { status: number }
}

async function findConversation (
  { stack: { urls }, agent }: Tour,
  contactId: string
): Promise<Conversation | undefined> {
  const { conversations } = JSON.parse(
    await expectStatus(await agent.request(`${urls.service}/api/conversations`), 200)
  ) as { conversations: Conversation[] }
  return conversations.find(conversation => conversation.contactId === contactId)
}

async function sendAnswer (tour: Tour, contactId: string, text: string): Promise<void> {
  const { id = '' } = await findConversation(tour, contactId) ?? {}
  await expectStatus(
    await tour.agent.postJson(`${tour.stack.urls.service}/api/conversations/${id}/messages`, {
      id: randomUUID(),
      text
    }),
    201
  )
}

async function fetchContacts (
  url: string,
  id: string
): Promise<Array<{ id: string, messages: Array<{ id: string }> }>> {
  const contacts = await (await fetch(url)).json() as Array<
    { id: string, messages: Array<{ id: string }> }
  >
  return contacts.filter(contact => contact.id === id)
}
