/* global crypto, sessionStorage */
// Conversations by WhatsApp and LINE, with the status of each answer.
import { api, formerSession } from './api.js'
import { serverNow } from './clock.js'
import { desk, nameOfAgent } from './desk-state.js'
import { formatTime } from './format.js'
import { createKeyedList } from './keyed-list.js'
import {
  $,
  announce,
  guard,
  make,
  makeName,
  setMark,
  setText,
  showFieldError,
  toast
} from './page.js'
import { createRefresh } from './refresh.js'
import { t } from './strings.js'

const draftPrefix = 'desk-draft-answer-'
const moods = { failed: 'bad', uncertain: 'warn', delivered: 'good', read: 'good' }

let shown = null
let next = null
/** New for each conversation opened: an answer may come after another was opened. */
let refreshThread = async () => {}

const list = createKeyedList({
  list: $('conversations'),
  news: $('conversations-news'),
  keyOf: ({ id }) => id,
  create: createRow,
  update: paint,
  onChange: count => {
    $('no-conversations').hidden = count > 0
  }
})

const thread = createKeyedList({
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
  $('answer').addEventListener('submit', guard(sendAnswer, showAnswerError))
  elements.text.addEventListener('input', () => {
    saveDraft(shown.id, elements.text.value)
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
    guard(async () => {
      const field = $('link').elements.number
      const { value: number } = field
      const opened = refreshThread
      const conversation = await api.linkConversation(shown.id, number.trim() || null)
      updateConversation(conversation)
      if (opened === refreshThread && field.value === number) field.value = ''
    }, text => showFieldError('link-error', text, $('link').elements.number))
  )
  $('thread-older').addEventListener(
    'click',
    guard(async () => {
      const opened = refreshThread
      const page = await api.conversation(shown.id, { before: next })
      if (opened !== refreshThread) return
      next = page.next
      const ids = new Set(thread.items.map(({ id }) => id))
      thread.set([...page.messages.reverse().filter(({ id }) => !ids.has(id)), ...thread.items])
      thread.show()
      $('thread-older').hidden = next === null
    })
  )
  $('conversation-close').addEventListener('click', () => {
    openConversation(null)
    $('conversations-title').focus({ preventScroll: true })
  })
}

export function waitForMessages () {
  list.wait(2)
}

export const listConversations = createRefresh(async () => {
  const { conversations } = await api.conversations()
  list.set(conversations)
  const current = conversations.find(({ id }) => id === shown?.id)
  if (current !== undefined) paintHead(current)
})

/** Handles an event of a conversation; returns its customer's number. */
export async function handleMessageEvent (kind, { conversationId, agentId }) {
  await Promise.all([
    listConversations(),
    ...shown?.id === conversationId ? [refreshThread()] : []
  ])
  const conversation = list.items.find(({ id }) => id === conversationId)
  if (kind === 'conversation.message' && agentId === null && conversation !== undefined) {
    announce(t('messages.news', {
      name: displayName(conversation),
      text: describeMessage(conversation.lastMessage)
    }))
  }
  return conversation?.customerNumber ?? null
}

/** Removes all data from the page when the session ends. */
export function clearMessages () {
  list.set([])
  list.show()
  openConversation(null)
}

function createRow ({ id }) {
  const [name, mark, text] = [makeName(), make('span', 'mark'), make('span', 'soft preview')]
  text.dir = 'auto'
  const [facts, waiting] = [make('span', 'soft'), make('span', 'mark')]
  const show = make('button', 'link', name)
  show.type = 'button'
  show.addEventListener('click', () => {
    openConversation(list.items.find(item => item.id === id) ?? null, true)
  })
  const element = make('li', 'entry', make('span', 'name', show, mark), text, facts, waiting)
  facts.className = 'soft'
  element.dataset.conversation = id
  element.parts = { name, mark, text, facts, waiting, show }
  return element
}

function paint (element, conversation) {
  const { name, mark, text, facts, waiting } = element.parts
  setText(name, displayName(conversation))
  setMark(mark, ...describeMark(conversation))
  setText(text, describeMessage(conversation.lastMessage))
  setText(facts, [t(conversation.channel), formatTime(conversation.lastAt)].join(' · '))
  setMark(waiting, conversation.waiting ? t('messages.waiting') : '', 'warn')
  element.toggleAttribute('data-chosen', shown?.id === conversation.id)
}

/** The customer's name, or the number; never just the contact's profile name. */
function displayName ({ customer, customerNumberText, channel, contactId }) {
  return customer?.name ?? customerNumberText ??
    t('messages.contact', { channel: t(channel), id: contactId.slice(-6) })
}

/** Whether the vendor verified the customer, an agent linked the customer, or neither. */
function describeMark ({ verified, linkedBy }) {
  if (verified) return [t('messages.verified'), 'good']
  return linkedBy === null
    ? [t('messages.unverified'), 'warn']
    : [t('messages.linked', { agent: nameOfAgent(linkedBy) }), '']
}

function describeMessage (message) {
  if (message === null) return ''
  const { kind, text, direction } = message
  const content = kind === 'text'
    ? text
    : [t('messages.kind', { kind }), text].filter(Boolean).join(' ')
  return direction === 'out' ? t('messages.ours', { text: content }) : content
}

function openConversation (conversation, moveFocus = false) {
  shown = conversation
  refreshThread = createRefresh(loadThread)
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
  $('answer').elements.text.value = readDraft(shown.id).text
  $('link').elements.number.value = ''
  $('thread-older').hidden = true
  thread.wait(3)
  refreshThread().catch(error => {
    if (error.code !== formerSession) toast(error.message, 'bad')
  })
  if (moveFocus) {
    $('conversation-title').focus({ preventScroll: true })
    $('conversation-panel').scrollIntoView({ block: 'nearest' })
  }
}

async function loadThread () {
  if (shown === null) return
  const opened = refreshThread
  const page = await api.conversation(shown.id, {})
  if (opened !== refreshThread) return
  const messages = page.messages.reverse()
  // Older messages that were already loaded stay.
  const oldest = messages[0]
  const older = oldest === undefined
    ? []
    : thread.items.filter(item =>
      item.at < oldest.at && !messages.some(message => message.id === item.id)
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

function updateConversation (conversation) {
  list.set(list.items.map(item => item.id === conversation.id ? conversation : item))
  // The agent may have opened another one: the next answer must go to the one on screen.
  if (shown?.id === conversation.id) paintHead(conversation)
}

function paintHead (conversation) {
  shown = conversation
  const { channel, contactName, customerNumberText, customer, answerUntil, maximumLength } =
    conversation
  setText($('conversation-name'), displayName(conversation))
  setMark($('conversation-mark'), ...describeMark(conversation))
  setText(
    $('conversation-facts'),
    [
      t(channel),
      customer === null ? t('unknownCustomer') : customerNumberText,
      contactName && t('messages.calls', { name: contactName })
    ].filter(Boolean).join(' · ')
  )
  const isWindowOver = answerUntil !== null && answerUntil < serverNow()
  setText(
    $('answer-hint'),
    maximumLength === null
      ? t('messages.noChannel')
      : isWindowOver
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
      formatTime(at)
    ].filter(Boolean).join(' · ')
  )
  setMark(
    mark,
    status === null
      ? ''
      : [t(`messages.${status}`), status === 'failed' ? describeError(error) : ''].filter(Boolean)
        .join(': '),
    moods[status] ?? ''
  )
}

/** Vendors' codes that an agent can act on; others are shown unchanged. */
function describeError (error) {
  const key = `messages.error.${error}`
  const text = t(key)
  return text === key ? error ?? '' : text
}

async function sendAnswer () {
  const { id } = shown
  const field = $('answer').elements.text
  const text = field.value
  if (text.trim() === '') {
    field.focus()
    return
  }
  // The same text twice is one message, also after a reload.
  const messageId = readDraft(id).messageId ?? crypto.randomUUID()
  saveDraft(id, text, messageId)
  try {
    await api.answer(id, { id: messageId, text })
  } catch (error) {
    // If our own service did not answer, the next try sends the same message.
    if (error.status !== 0 && error.status !== 503 && readDraft(id).text === text) {
      saveDraft(id, text)
    }
    if (shown?.id === id) await refreshThread().catch(() => {})
    if (shown?.id === id || error.code === formerSession) throw error
    // The form is another conversation's by now.
    toast(error.message, 'bad')
    return
  }
  // Clear only the text that was sent, not text typed meanwhile.
  if (readDraft(id).text !== text) return
  saveDraft(id, '')
  if (shown?.id === id) field.value = ''
}

function showAnswerError (text) {
  showFieldError('answer-error', text, $('answer').elements.text)
}

/** The typed text, and the id of its message if it may have been sent. */
function readDraft (id) {
  try {
    return JSON.parse(sessionStorage.getItem(draftPrefix + id)) ?? { text: '' }
  } catch {
    return { text: '' }
  }
}

function saveDraft (id, text, messageId) {
  if (text === '') sessionStorage.removeItem(draftPrefix + id)
  else sessionStorage.setItem(draftPrefix + id, JSON.stringify({ text, messageId }))
}
