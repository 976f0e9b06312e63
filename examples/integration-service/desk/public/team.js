// The other agents and their states.
import { api } from './api.js'
import { desk } from './desk-state.js'
import { clockText, factsText, presenceOf } from './format.js'
import { keyedList } from './keyed-list.js'
import { $, button, guarded, make, makeName, setMark, setText } from './page.js'
import { t } from './strings.js'

const team = new Map()

const list = keyedList({
  list: $('team'),
  news: $('team-news'),
  keyOf: member => member.id,
  create: () => {
    const [name, mark, facts] = [makeName('name'), make('span', 'mark'), make('span', 'soft')]
    const close = button(
      t('live.close'),
      '',
      guarded(async () => await api.close(element.member.call.callSerialNo))
    )
    const element = make('li', 'entry', name, make('span', 'facts', facts, mark), close)
    element.parts = { name, mark, facts, close }
    return element
  },
  update: (element, member) => {
    const { parts } = element
    element.member = member
    setText(parts.name, member.name)
    setMark(parts.mark, ...presenceOf(member))
    const { call, since } = member
    setText(
      parts.facts,
      factsText(
        call && (call.with ?? t('unknownNumber')),
        t('team.since', { time: clockText(call?.since ?? since) })
      )
    )
    // Only supervisors can close it: the call's agent has signed out.
    parts.close.hidden = member.signedIn || call === null || desk.agent?.role !== 'supervisor'
    parts.close.ariaLabel = t('live.closeOf', { name: call?.with ?? member.name })
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
 * False if the agent or the customer's number text is unknown here: the team must be reloaded.
 * `whom` is the customer of the event's call, if known here.
 */
export function teamEvent (kind, event, whom = event.customerName ?? event.customerNumberText) {
  if (event.agentId === null) return true
  const member = team.get(event.agentId)
  if (kind === 'agent.state') {
    if (event.state === 'offline') leave(member)
    else if (member === undefined) return false
    else {
      const { state, reason, since } = event
      Object.assign(member, { said: state, reason, since, signedIn: true })
      if (member.call === null) member.state = state
    }
  } else if (member !== undefined && kind !== 'call.wrapped') callOf(member, event, whom)
  render()
  const call = team.get(event.agentId)?.call ?? null
  return call === null || call.with !== undefined
}

/** The agent's own entry. */
export function ownState () {
  return team.get(desk.agent?.id)
}

function callOf (
  member,
  { callSerialNo, customerNumber, state, direction, connectedAt, createdAt },
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
      with: (isSame ? member.call.with : null) ?? whom ??
        // Null: the caller withheld the number. The service formats any other number.
        (customerNumber === null ? null : undefined)
    }
    member.state = 'busy'
  } else if (member.call?.callSerialNo === callSerialNo) {
    member.call = null
    member.state = member.said ?? 'available'
    if (!member.signedIn) team.delete(member.id)
  }
}

/** An agent who signs out during a call stays until the call ends. */
function leave (member) {
  if (member === undefined) return
  member.signedIn = false
  if (member.call === null) team.delete(member.id)
}

function render () {
  list.set([...team.values()].sort((a, b) => a.name.localeCompare(b.name)))
}
