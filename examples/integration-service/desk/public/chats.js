// Members' chats whose sessions this service signed.
import { api } from './api.js'
import { timeText } from './format.js'
import { keyedList } from './keyed-list.js'
import { $, announce, button, guarded, make, makeName, setMark, setText } from './page.js'
import { t } from './strings.js'

let latest = 0
let dial = () => {}

const list = keyedList({
  list: $('chats'),
  news: $('chats-news'),
  keyOf: chat => chat.id,
  create: row,
  update: paint,
  onChange: count => {
    $('no-chats').hidden = count > 0
  }
})

export function startChats (given) {
  dial = given.dial
}

export function waitForChats () {
  list.wait(2)
}

/** `news` is the id of the changed chat; returns its customer's number. */
export async function listChats (news = null) {
  const mine = ++latest
  const { chats, portalUrl } = await api.chats()
  if (mine !== latest) return null
  $('portal').href = portalUrl
  list.set(chats)
  const chat = news === null ? undefined : chats.find(({ id }) => id === news)
  if (chat !== undefined) {
    announce(t('chat.news', { name: chat.name, text: factsOf(chat) }))
  }
  return chat?.phone ?? null
}

function row ({ id }) {
  const [name, mark, facts] = [makeName(), make('span', 'mark'), make('span', 'soft')]
  const call = button(t('dial'), '', guarded(() => dial(call.dataset.number)))
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
  setMark(parts.mark, ...markOf(chat))
  setText(
    parts.facts,
    [
      factsOf(chat),
      t('chat.member', { id: chat.memberId }),
      ...saidBy(chat.unverified)
    ].join(' · ')
  )
  parts.call.hidden = chat.phone === null
  parts.call.dataset.number = chat.phone ?? ''
  parts.call.ariaLabel = t('dialOf', { name: chat.name })
}

/** We only know what we signed; the portal shows whether it accepted the session. */
function markOf ({ verified, endedAt = null }) {
  if (endedAt !== null) return [t('chat.markEnded'), '']
  return verified ? [t('chat.markSigned'), ''] : [t('chat.markOutdated'), 'warn']
}

function factsOf ({ verified, updatedAt, endedAt = null }) {
  if (endedAt !== null) return t('chat.ended', { time: timeText(endedAt) })
  return t(verified ? 'chat.signed' : 'chat.outdated', { time: timeText(updatedAt) })
}

/** The member's unconfirmed entries; never shown as the name. */
function saidBy (unverified = {}) {
  const said = ['name', 'email', 'phone'].flatMap(field => unverified[field] ?? [])
  return said.length === 0 ? [] : [t('chat.unconfirmed', { said: said.join(', ') })]
}
