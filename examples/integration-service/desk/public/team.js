// The other agents and their states.
import { api } from './api.js'
import { desk } from './desk-state.js'
import { formatClock, joinFacts, describePresence } from './format.js'
import { createKeyedList } from './keyed-list.js'
import { $, createButton, guard, make, makeName, setMark, setText } from './page.js'
import { t } from './strings.js'

const team = new Map()

const list = createKeyedList({
  list: $('team'),
  news: $('team-news'),
  keyOf: member => member.id,
  create: () => {
    const [name, mark, facts] = [makeName('name'), make('span', 'mark'), make('span', 'soft')]
    const close = createButton(
      t('live.close'),
      '',
      guard(async () => {
        const { call } = element.member
        // It may have ended just now.
        if (call !== null) await api.close(call.callSerialNo)
      })
    )
    const element = make('li', 'entry', name, make('span', 'facts', facts, mark), close)
    element.parts = { name, mark, facts, close }
    return element
  },
  update: (element, member) => {
    const { parts } = element
    element.member = member
    setText(parts.name, member.name)
    setMark(parts.mark, ...describePresence(member))
    const { call, since } = member
    setText(
      parts.facts,
      joinFacts(
        call && (call.with ?? t('unknownNumber')),
        t('team.since', { time: formatClock(call?.since ?? since) })
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
export function handleTeamEvent (
  kind,
  event,
  customerName = event.customerName ?? event.customerNumberText
) {
  if (event.agentId === null) return true
  const member = team.get(event.agentId)
  if (kind === 'agent.state') {
    if (event.state === 'offline') signOutMember(member)
    else if (member === undefined) return false
    else {
      const { state, reason, since } = event
      Object.assign(member, { chosenState: state, reason, since, signedIn: true })
      if (member.call === null) member.state = state
    }
  } else if (member !== undefined && kind !== 'call.wrapped') {
    updateCall(member, event, customerName)
  }
  render()
  const call = team.get(event.agentId)?.call ?? null
  return call === null || call.with !== undefined
}

/** The agent's own entry. */
export function getOwnEntry () {
  return team.get(desk.agent?.id)
}

function updateCall (
  member,
  { callSerialNo, customerNumber, state, direction, connectedAt, createdAt },
  customerName
) {
  if (state !== 'released') {
    member.chosenState ??= member.state === 'busy' ? 'available' : member.state
    const isSame = member.call?.callSerialNo === callSerialNo
    member.call = {
      callSerialNo,
      direction,
      state,
      since: connectedAt ?? createdAt,
      with: (isSame ? member.call.with : null) ?? customerName ??
        // Null: the caller withheld the number. The service formats any other number.
        (customerNumber === null ? null : undefined)
    }
    member.state = 'busy'
  } else if (member.call?.callSerialNo === callSerialNo) {
    member.call = null
    member.state = member.chosenState ?? 'available'
    if (!member.signedIn) team.delete(member.id)
  }
}

/** An agent who signs out during a call stays until the call ends. */
function signOutMember (member) {
  if (member === undefined) return
  member.signedIn = false
  if (member.call === null) team.delete(member.id)
}

function render () {
  list.set([...team.values()].sort((a, b) => a.name.localeCompare(b.name)))
}
