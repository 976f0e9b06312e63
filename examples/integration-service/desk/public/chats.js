// Members' chats, as far as this service knows of them.
import { api } from './api.js'
import { timeText } from './format.js'
import { $, announce, button, guarded, make, setMark } from './page.js'

let latest = 0

/** `dial` is given a number. */
export async function listChats ({ dial, news = null }) {
  const mine = ++latest
  const { chats, portalUrl } = await api.chats()
  if (mine !== latest) return
  $('portal').href = portalUrl
  $('no-chats').hidden = chats.length > 0
  $('chats').replaceChildren(...chats.map(chat => entry(chat, dial)))
  const chat = news === null ? undefined : chats.find(({ id }) => id === news)
  if (chat !== undefined) announce(`Chat of ${chat.name}: ${markOf(chat)[0]}`)
}

function entry (chat, dial) {
  const mark = make('span', 'mark')
  setMark(mark, ...markOf(chat))
  const facts = [timeText(chat.openedAt), `member ${chat.memberId}`, why(chat)].join(' · ')
  const call = button('Dial', `Dial ${chat.name}`, guarded(() => dial(chat.phone)))
  call.hidden = chat.phone === null
  const element = make(
    'li',
    'entry',
    make('span', 'name', make('span', '', chat.name), mark),
    make('span', 'soft', facts),
    make('span', 'actions', call)
  )
  element.dataset.chat = chat.id
  return element
}

function markOf ({ verified }) {
  return verified ? ['Verified', 'good'] : ['Warning', 'bad']
}

function why ({ verified, updatedAt }) {
  return verified
    ? `signed ${timeText(updatedAt)}`
    : `account changed ${timeText(updatedAt)}, after the chat was signed`
}
