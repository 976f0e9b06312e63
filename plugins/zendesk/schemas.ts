import { type Static, Type } from '@sinclair/typebox'

const text = Type.String()
const nullishText = Type.Optional(Type.Union([text, Type.Null()]))
const envelope = {
  id: Type.String({ description: 'The same in each delivery of the event' }),
  account_id: Type.Union([Type.Integer(), text]),
  time: Type.String({ description: 'ISO 8601: when it happened' }),
  subject: Type.String({ description: '`zen:ticket:35436`' }),
  zendesk_event_version: text
}

const TicketDetail = Type.Object({
  id: text,
  status: Type.Optional(Type.String({ description: '`NEW`, `OPEN`, `PENDING`, `SOLVED`, …' })),
  subject: nullishText,
  description: nullishText,
  priority: nullishText,
  type: nullishText,
  requester_id: nullishText,
  assignee_id: nullishText,
  group_id: nullishText,
  tags: Type.Optional(Type.Union([Type.Array(text), Type.Null()])),
  via: Type.Optional(Type.Object({ channel: nullishText })),
  created_at: Type.Optional(text),
  updated_at: Type.Optional(text)
})

/** Any event of a ticket: `ticket.created`, `ticket.comment_added` and others. */
export const ZendeskTicketEvent = Type.Object({
  ...envelope,
  type: Type.String({ pattern: '^zen:event-type:ticket\\.' }),
  detail: TicketDetail,
  event: Type.Object({})
})
export type ZendeskTicketEvent = Static<typeof ZendeskTicketEvent>

/** A ticket was opened, put on hold, solved or closed. */
export const ZendeskTicketStatusChanged = Type.Object({
  ...envelope,
  type: Type.Literal('zen:event-type:ticket.status_changed'),
  detail: TicketDetail,
  event: Type.Object({
    current: Type.String({ description: '`NEW`, `OPEN`, `PENDING`, `HOLD`, `SOLVED`, …' }),
    previous: Type.Union([text, Type.Null()])
  })
})
export type ZendeskTicketStatusChanged = Static<typeof ZendeskTicketStatusChanged>

/** A ticket was assigned to another agent or group, with the ids of both. */
export const ZendeskTicketAssigned = Type.Object({
  ...envelope,
  type: Type.String({
    pattern: '^zen:event-type:ticket\\.(?:agent|group)_assignment_changed$'
  }),
  detail: TicketDetail,
  event: Type.Object({
    current: Type.Union([text, Type.Null()]),
    previous: Type.Union([text, Type.Null()])
  })
})
export type ZendeskTicketAssigned = Static<typeof ZendeskTicketAssigned>

/** A customer, an agent or a bot wrote a message. */
export const ZendeskMessageAdded = Type.Object({
  ...envelope,
  type: Type.Literal('zen:event-type:messaging_ticket.message_added'),
  detail: Type.Object({ id: Type.String({ description: "The ticket's" }) }),
  event: Type.Object({
    actor: Type.Object({
      id: Type.Optional(text),
      name: nullishText,
      type: Type.String({ description: '`end_user`, `agent`, `trigger` or `system`' })
    }),
    conversation_id: text,
    message: Type.Object({ id: text, body: nullishText })
  })
})
export type ZendeskMessageAdded = Static<typeof ZendeskMessageAdded>

/** An agent's status, capacity or work changed: `agent.state_changed` and others. */
export const ZendeskAgentEvent = Type.Object({
  ...envelope,
  type: Type.String({ pattern: '^zen:event-type:agent\\.' }),
  detail: Type.Object({ agent_id: text }),
  event: Type.Object({
    channel: Type.Optional(text),
    new_state: Type.Optional(Type.String({ description: '`online`, `offline`, `away`, …' })),
    previous_state: nullishText,
    updated_at: Type.Optional(text)
  })
})
export type ZendeskAgentEvent = Static<typeof ZendeskAgentEvent>

/** Any event. Triggers and automations send the shape that is configured there. */
export const ZendeskEvent = Type.Object({
  ...envelope,
  type: Type.String({ pattern: '^zen:event-type:' }),
  detail: Type.Object({}),
  event: Type.Object({})
})
export type ZendeskEvent = Static<typeof ZendeskEvent>
