import { type Static, type TSchema, Type } from '@sinclair/typebox'

const text = Type.String()
const id = Type.Union([text, Type.Integer()])
const nullish = <Value extends TSchema>(value: Value) =>
  Type.Optional(Type.Union([value, Type.Null()]))
const time = nullish(Type.Integer({ description: 'Epoch seconds' }))

const notification = {
  type: Type.Literal('notification_event'),
  app_id: Type.String({ description: "The workspace's" }),
  id: nullish(Type.String({ description: 'The same in each delivery; a ping has none' })),
  created_at: time,
  first_sent_at: time,
  delivery_attempts: Type.Optional(Type.Integer())
}

const Author = Type.Object({
  type: Type.String({ description: '`user`, `lead`, `admin`, `bot` or `team`' }),
  id: nullish(id),
  name: nullish(text),
  email: nullish(text)
})

const Part = Type.Object({
  id: Type.Optional(id),
  part_type: Type.Optional(Type.String({ description: '`comment`, `note`, `assignment`, …' })),
  body: nullish(Type.String({ description: 'HTML, or plain text from version 2.15 on' })),
  author: nullish(Author),
  created_at: time
})

/** A conversation in a notification. The optional fields depend on the topic. */
export const IntercomConversation = Type.Object({
  type: Type.Literal('conversation'),
  id,
  state: nullish(Type.String({ description: '`open`, `closed` or `snoozed`' })),
  open: nullish(Type.Boolean()),
  admin_assignee_id: nullish(id),
  team_assignee_id: nullish(id),
  source: nullish(Type.Object({
    type: Type.Optional(text),
    body: nullish(text),
    author: nullish(Author)
  })),
  contacts: nullish(Type.Object({})),
  conversation_parts: nullish(Type.Object({
    conversation_parts: Type.Optional(Type.Array(Part))
  })),
  created_at: time,
  updated_at: time
})
export type IntercomConversation = Static<typeof IntercomConversation>

const data = <Item extends TSchema>(item: Item) => Type.Object({ item })

/** A customer or lead opened a conversation. */
export const ConversationOpened = Type.Object({
  ...notification,
  topic: Type.Literal('conversation.user.created'),
  data: data(IntercomConversation)
})
export type ConversationOpened = Static<typeof ConversationOpened>

/** A customer or teammate replied: `conversation.user.replied`, `conversation.admin.replied`. */
export const ConversationReplied = Type.Object({
  ...notification,
  topic: Type.String({ pattern: '^conversation\\.(?:user|admin)\\.replied$' }),
  data: data(IntercomConversation)
})
export type ConversationReplied = Static<typeof ConversationReplied>

/** A conversation was assigned to a teammate or a team. */
export const ConversationAssigned = Type.Object({
  ...notification,
  topic: Type.Literal('conversation.admin.assigned'),
  data: data(IntercomConversation)
})
export type ConversationAssigned = Static<typeof ConversationAssigned>

/** A teammate closed a conversation. */
export const ConversationClosed = Type.Object({
  ...notification,
  topic: Type.Literal('conversation.admin.closed'),
  data: data(IntercomConversation)
})
export type ConversationClosed = Static<typeof ConversationClosed>

/** Any topic about conversations. */
export const ConversationEvent = Type.Object({
  ...notification,
  topic: Type.String({ pattern: '^conversation\\.' }),
  data: data(Type.Object({}))
})
export type ConversationEvent = Static<typeof ConversationEvent>

/** A test request, sent when the address is saved and by "Send a test request". */
export const IntercomPing = Type.Object({
  ...notification,
  topic: Type.Literal('ping'),
  data: data(Type.Object({ type: Type.Optional(text), message: nullish(text) }))
})
export type IntercomPing = Static<typeof IntercomPing>

/** Any notification. */
export const IntercomNotification = Type.Object({
  ...notification,
  topic: text,
  data: Type.Object({})
})
export type IntercomNotification = Static<typeof IntercomNotification>
