/* global crypto, sessionStorage */
// Conversations by WhatsApp and LINE, with the status of each answer.
import { api } from './api.js'
import { desk, nameOfAgent } from './desk-state.js'
import { timeText } from './format.js'
import { keyedList } from './keyed-list.js'
import {
  $,
  announce,
  guarded,
  make,
  makeName,
  setMark,
  setText,
  showFieldError,
  toast
} from './page.js'
import { t } from './strings.js'

const draftPrefix = 'desk-draft-answer-'
const moods = { failed: 'bad', uncertain: 'warn', delivered: 'good', read: 'good' }

let latest = 0
let shown = null
let latestThread = 0
let next = null
/** The id for the typed text: sending the same text twice is one message. */
let pending = null

const list = keyedList({
  list: $('conversations'),
  news: $('conversations-news'),
  keyOf: ({ id }) => id,
  create: row,
  update: paint,
  onChange: count => {
    $('no-conversations').hidden = count > 0
  }
})

const thread = keyedList({
  list: $('thread'),
  keyOf: ({ id }) => id,
  create: () => {
    const [text, facts, mark] = [make('p', 'said'), make('span', 'soft'), make('span', 'mark')]
    text.dir = 'auto'
    const element = make('li', 'message', text, make('p', 'told', facts, mark))
    element.parts = { text, facts, mark }
    return element
  },
  update: paintMessage
})

export function startMessages () {
  const { elements } = $('answer')
  $('answer').addEventListener('submit', guarded(send, showAnswerError))
  elements.text.addEventListener('input', () => {
    keepDraft(shown.id, elements.text.value)
    showAnswerError('')
  })
  elements.text.addEventListener('keydown', event => {
    // Enter sends, as in every messenger; during composition, Enter chooses a character.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    $('answer').requestSubmit()
  })
  $('link').addEventListener(
    'submit',
    guarded(async () => {
      const field = $('link').elements.number
      put(await api.linkConversation(shown.id, field.value.trim() || null))
      field.value = ''
    }, text => showFieldError('link-error', text, $('link').elements.number))
  )
  $('thread-older').addEventListener(
    'click',
    guarded(async () => {
      const { id } = shown
      const page = await api.conversation(id, { before: next })
      if (shown?.id !== id) return
      next = page.next
      thread.set([...page.messages.reverse(), ...thread.items])
      thread.show()
      $('thread-older').hidden = next === null
    })
  )
  $('conversation-close').addEventListener('click', () => {
    open(null)
    $('conversations-title').focus({ preventScroll: true })
  })
}

export function waitForMessages () {
  list.wait(2)
}

export async function listConversations () {
  const mine = ++latest
  const { conversations } = await api.conversations()
  if (mine !== latest) return
  list.set(conversations)
  const known = conversations.find(({ id }) => id === shown?.id)
  if (known !== undefined) paintHead(known)
}

/** Handles an event of a conversation; returns its customer's number. */
export async function messageEvent (kind, { conversationId, agentId }) {
  await Promise.all([
    listConversations(),
    ...shown?.id === conversationId ? [refreshThread()] : []
  ])
  const conversation = list.items.find(({ id }) => id === conversationId)
  if (kind === 'conversation.message' && agentId === null && conversation !== undefined) {
    announce(t('messages.news', {
      name: nameOf(conversation),
      text: textOf(conversation.lastMessage)
    }))
  }
  return conversation?.customerNumber ?? null
}

/** Removes all data from the page when the session ends. */
export function clearMessages () {
  list.set([])
  list.show()
  open(null)
}

function row ({ id }) {
  const [name, mark, text] = [makeName(), make('span', 'mark'), make('span', 'soft preview')]
  text.dir = 'auto'
  const [facts, waiting] = [make('span', 'soft'), make('span', 'mark')]
  const show = make('button', 'link', name)
  show.type = 'button'
  show.addEventListener('click', () => {
    open(list.items.find(one => one.id === id) ?? null, true)
  })
  const element = make('li', 'entry', make('span', 'name', show, mark), text, facts, waiting)
  facts.className = 'soft'
  element.dataset.conversation = id
  element.parts = { name, mark, text, facts, waiting, show }
  return element
}

function paint (element, conversation) {
  const { name, mark, text, facts, waiting } = element.parts
  setText(name, nameOf(conversation))
  setMark(mark, ...markOf(conversation))
  setText(text, textOf(conversation.lastMessage))
  setText(facts, [t(conversation.channel), timeText(conversation.lastAt)].join(' · '))
  setMark(waiting, conversation.waiting ? t('messages.waiting') : '', 'warn')
  element.toggleAttribute('data-chosen', shown?.id === conversation.id)
}

/** The customer's name, or the number; never just the contact's profile name. */
function nameOf ({ customer, customerNumberText, channel, contactId }) {
  return customer?.name ?? customerNumberText ??
    t('messages.contact', { channel: t(channel), id: contactId.slice(-6) })
}

/** Whether the vendor verified the customer, an agent linked the customer, or neither. */
function markOf ({ verified, linkedBy }) {
  if (verified) return [t('messages.verified'), 'good']
  return linkedBy === null
    ? [t('messages.unverified'), 'warn']
    : [t('messages.linked', { agent: nameOfAgent(linkedBy) }), '']
}

function textOf (message) {
  if (message === null) return ''
  const { kind, text, direction } = message
  const said = kind === 'text'
    ? text
    : [t('messages.kind', { kind }), text].filter(Boolean).join(' ')
  return direction === 'out' ? t('messages.ours', { text: said }) : said
}

function open (conversation, go = false) {
  shown = conversation
  pending = null
  $('conversation-panel').hidden = shown === null
  for (const { id } of list.items) {
    list.row(id)?.toggleAttribute('data-chosen', shown?.id === id)
  }
  thread.set([])
  thread.show()
  if (shown === null) return
  paintHead(shown)
  showAnswerError('')
  showFieldError('link-error', '', $('link').elements.number)
  $('answer').elements.text.value = draftOf(shown.id)
  $('thread-older').hidden = true
  thread.wait(3)
  refreshThread().catch(error => toast(error.message, 'bad'))
  if (go) {
    $('conversation-title').focus({ preventScroll: true })
    $('conversation-panel').scrollIntoView({ block: 'nearest' })
  }
}

async function refreshThread () {
  const mine = ++latestThread
  const { id } = shown
  const page = await api.conversation(id, {})
  if (mine !== latestThread || shown?.id !== id) return
  const messages = page.messages.reverse()
  // Older messages that were already loaded stay.
  const oldest = messages[0]
  const older = oldest === undefined
    ? []
    : thread.items.filter(one =>
      one.at < oldest.at && !messages.some(message => message.id === one.id)
    )
  if (older.length === 0) {
    next = page.next
    $('thread-older').hidden = next === null
  }
  thread.set([...older, ...messages])
  thread.show()
  paintHead(page.conversation)
  $('thread-scroll').scrollTop = $('thread-scroll').scrollHeight
}

function put (conversation) {
  list.set(list.items.map(one => one.id === conversation.id ? conversation : one))
  paintHead(conversation)
}

function paintHead (conversation) {
  shown = conversation
  const { channel, contactName, customerNumberText, customer, answerUntil, maximumLength } =
    conversation
  setText($('conversation-name'), nameOf(conversation))
  setMark($('conversation-mark'), ...markOf(conversation))
  setText(
    $('conversation-facts'),
    [
      t(channel),
      customer === null ? t('unknownCustomer') : customerNumberText,
      contactName && t('messages.calls', { name: contactName })
    ].filter(Boolean).join(' · ')
  )
  const isOver = answerUntil !== null && answerUntil < Date.now()
  setText(
    $('answer-hint'),
    maximumLength === null
      ? t('messages.noChannel')
      : isOver
      ? t('messages.windowOver', { channel: t(channel) })
      : ''
  )
  $('answer-hint').hidden = $('answer-hint').textContent === ''
  $('answer').hidden = maximumLength === null
  if (maximumLength !== null) $('answer').elements.text.maxLength = maximumLength
}

function paintMessage (element, message) {
  const { text, facts, mark } = element.parts
  const { direction, kind, agentId, at, status, error } = message
  element.dataset.direction = direction
  element.dataset.message = message.id
  setText(
    text,
    kind === 'text'
      ? message.text
      : [t('messages.kind', { kind }), message.text].filter(Boolean).join(' ')
  )
  setText(
    facts,
    [
      direction === 'in'
        ? ''
        : agentId === desk.agent?.id
        ? t('messages.me')
        : nameOfAgent(agentId),
      timeText(at)
    ].filter(Boolean).join(' · ')
  )
  setMark(
    mark,
    status === null
      ? ''
      : [t(`messages.${status}`), status === 'failed' ? reasonOf(error) : ''].filter(Boolean)
        .join(': '),
    moods[status] ?? ''
  )
}

/** Vendors' codes that an agent can act on; others are shown unchanged. */
function reasonOf (error) {
  const key = `messages.error.${error}`
  const text = t(key)
  return text === key ? error ?? '' : text
}

async function send () {
  const { id } = shown
  const field = $('answer').elements.text
  const text = field.value
  if (text.trim() === '') {
    field.focus()
    return
  }
  if (pending?.text !== text || pending.conversation !== id) {
    pending = { id: crypto.randomUUID(), text, conversation: id }
  }
  try {
    await api.answer(id, { id: pending.id, text })
  } catch (error) {
    // If our own service did not answer, the next try sends the same message.
    if (error.status !== 0 && error.status !== 503) pending = null
    if (shown?.id === id) await refreshThread().catch(() => {})
    throw error
  }
  pending = null
  keepDraft(id, '')
  // Clear only the text that was sent, not text typed meanwhile.
  if (shown?.id === id && field.value === text) field.value = ''
  else if (shown?.id === id) keepDraft(id, field.value)
}

function showAnswerError (text) {
  showFieldError('answer-error', text, $('answer').elements.text)
}

function draftOf (id) {
  return sessionStorage.getItem(draftPrefix + id) ?? ''
}

function keepDraft (id, text) {
  if (text === '') sessionStorage.removeItem(draftPrefix + id)
  else sessionStorage.setItem(draftPrefix + id, text)
}
