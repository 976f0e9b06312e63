// Members' chats whose sessions this service signed.
import { api } from './api.js'
import { formatTime } from './format.js'
import { createKeyedList } from './keyed-list.js'
import { $, announce, createButton, guard, make, makeName, setMark, setText } from './page.js'
import { createRefresh } from './refresh.js'
import { t } from './strings.js'

let dial = () => {}

const list = createKeyedList({
  list: $('chats'),
  news: $('chats-news'),
  keyOf: chat => chat.id,
  create: createRow,
  update: paint,
  onChange: count => {
    $('no-chats').hidden = count > 0
  }
})

export function startChats (handlers) {
  dial = handlers.dial
}

export function waitForChats () {
  list.wait(2)
}

/** Removes all data from the page when the session ends. */
export function clearChats () {
  list.set([])
  list.show()
}

const refresh = createRefresh(async () => {
  const { chats, portalUrl } = await api.chats()
  $('portal').href = portalUrl
  list.set(chats)
})

/** `changedId` is the id of the changed chat; returns its customer's number. */
export async function listChats (changedId = null) {
  await refresh()
  const chat = changedId === null ? undefined : list.items.find(({ id }) => id === changedId)
  if (chat !== undefined) {
    announce(t('chat.news', { name: chat.name, text: describeFacts(chat) }))
  }
  return chat?.phone ?? null
}

function createRow ({ id }) {
  const [name, mark, facts] = [makeName(), make('span', 'mark'), make('span', 'soft')]
  const call = createButton(t('dial'), '', guard(() => dial(call.dataset.number)))
  call.dataset.needs = 'dial'
  const element = make(
    'li',
    'entry',
    make('span', 'name', name, mark),
    facts,
    make('span', 'actions', call)
  )
  element.dataset.chat = id
  element.parts = { name, mark, facts, call }
  return element
}

function paint ({ parts }, chat) {
  setText(parts.name, chat.name)
  setMark(parts.mark, ...describeMark(chat))
  setText(
    parts.facts,
    [
      describeFacts(chat),
      t('chat.member', { id: chat.memberId }),
      ...describeUnconfirmed(chat.unverified)
    ].join(' · ')
  )
  parts.call.hidden = chat.phone === null
  parts.call.dataset.number = chat.phone ?? ''
  parts.call.ariaLabel = t('dialOf', { name: chat.name })
}

/** We only know what we signed; the portal shows whether it accepted the session. */
function describeMark ({ verified, endedAt = null }) {
  if (endedAt !== null) return [t('chat.markEnded'), '']
  return verified ? [t('chat.markSigned'), ''] : [t('chat.markOutdated'), 'warn']
}

function describeFacts ({ verified, updatedAt, endedAt = null }) {
  if (endedAt !== null) return t('chat.ended', { time: formatTime(endedAt) })
  return t(verified ? 'chat.signed' : 'chat.outdated', { time: formatTime(updatedAt) })
}

/** The member's unconfirmed entries; never shown as the name. */
function describeUnconfirmed (unverified = {}) {
  const entries = ['name', 'email', 'phone'].flatMap(field => unverified[field] ?? [])
  return entries.length === 0 ? [] : [t('chat.unconfirmed', { said: entries.join(', ') })]
}
