// Who else is here, and what they do.
import { desk } from './desk-state.js'
import { clockText, presenceOf } from './format.js'
import { keyedList } from './keyed-list.js'
import { $, make, makeName, setMark, setText } from './page.js'
import { t } from './strings.js'

const team = new Map()

const list = keyedList({
  list: $('team'),
  news: $('team-news'),
  keyOf: member => member.id,
  create: () => {
    const [name, mark, facts] = [makeName('name'), make('span', 'mark'), make('span', 'soft')]
    const element = make('li', 'entry', name, make('span', 'facts', facts, mark))
    element.parts = { name, mark, facts }
    return element
  },
  update: ({ parts }, member) => {
    setText(parts.name, member.name)
    setMark(parts.mark, ...presenceOf(member))
    const { call, since } = member
    setText(
      parts.facts,
      [call?.with, t('team.since', { time: clockText(call?.since ?? since) })]
        .filter(Boolean).join(' · ')
    )
  }
})

export function setTeam (members) {
  team.clear()
  for (const member of members) {
    team.set(member.id, member)
    desk.names.set(member.id, member.name)
  }
  render()
}

export function waitForTeam () {
  list.wait(2)
}

/**
 * False when nobody here knows the agent: the team is to be asked for again. `whom` is the customer
 * of the event's call, as far as it is known here.
 */
export function teamEvent (kind, event, whom = event.customerNumber) {
  if (event.agentId === null) return true
  const member = team.get(event.agentId)
  if (kind === 'agent.state') {
    if (event.state === 'offline') team.delete(event.agentId)
    else if (member === undefined) return false
    else {
      const { state, reason, since } = event
      Object.assign(member, { said: state, reason, since })
      if (member.call === null) member.state = state
    }
  } else if (member !== undefined && kind !== 'call.wrapped') callOf(member, event, whom)
  render()
  return true
}

/** What the agent said last. */
export function ownState () {
  return team.get(desk.agent?.id)
}

function callOf (
  member,
  { callSerialNo, state, direction, connectedAt, createdAt },
  whom
) {
  if (state !== 'released') {
    member.said ??= member.state === 'busy' ? 'available' : member.state
    const isSame = member.call?.callSerialNo === callSerialNo
    member.call = {
      callSerialNo,
      direction,
      state,
      since: connectedAt ?? createdAt,
      with: isSame ? member.call.with : whom
    }
    member.state = 'busy'
  } else if (member.call?.callSerialNo === callSerialNo) {
    member.call = null
    member.state = member.said ?? 'available'
  }
}

function render () {
  list.set([...team.values()].sort((a, b) => a.name.localeCompare(b.name)))
}
