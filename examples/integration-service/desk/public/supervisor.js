/* global document, location, getComputedStyle, matchMedia, ResizeObserver */
/* global setTimeout, clearTimeout */
// The supervisor's page: the team, today's numbers, and refused requests.
import { api, base } from './api.js'
import { serverNow } from './clock.js'
import { desk } from './desk-state.js'
import { formatSeconds, formatTime, formatVendor } from './format.js'
import { announceRefusal, listen } from './live.js'
import { $, announce, findSession, make, setMark, setText, showProblem } from './page.js'
import { createRefresh } from './refresh.js'
import { t, translatePage } from './strings.js'
import { setTeam } from './team.js'
import UPlot from './charts/uPlot.esm.js'

const settleMs = 700
const retryMs = 2000
const shownHoursAtLeast = 10
const series = ['answered', 'missed', 'unanswered']

let chart = null
let timer
let shownHours = null

translatePage()
findSession(openPage, leave)
document.addEventListener('signed-out', () => {
  if (desk.agent !== null) announceRefusal(desk.agent.id)
  leave()
})

/** To the desk, where an agent signs in. */
function leave () {
  location.replace(`${base}/desk`)
}

function openPage (agent) {
  showProblem('')
  desk.agent = agent
  if (agent.role !== 'supervisor') {
    showProblem(t('super.only'))
    return
  }
  $('overview').hidden = false
  $('connection').hidden = false
  listen({
    agentId: agent.id,
    onStart: loadOverview,
    onEvent: (kind, { vendor, code }) => {
      if (kind === 'refusal') {
        announce(`${t('super.refusals')}: ${formatVendor(vendor)}, ${code}`)
      }
      // Events in quick succession are fetched once.
      scheduleOverview(settleMs)
    },
    onState: isLive =>
      setMark($('connection'), t(isLive ? 'live' : 'reconnecting'), isLive ? 'good' : 'warn'),
    onSignedOut: leave
  })
  new ResizeObserver(() => drawChart()).observe($('chart'))
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawChart(true))
}

function scheduleOverview (ms) {
  timer ??= setTimeout(loadOverview, ms)
}

function loadOverview () {
  clearTimeout(timer)
  timer = undefined
  refresh().then(() => showProblem(''), error => {
    showProblem(error.message)
    // Events are not repeated.
    if (error.status === 0 || error.status >= 500) scheduleOverview(retryMs)
  })
}

const refresh = createRefresh(async () => {
  const day = new Date(serverNow()).setHours(0, 0, 0, 0)
  $('export').href = `${base}/api/calls.csv?from=${day}`
  paint(await api.overview(day))
})

function paint ({ hours, team, refusals }) {
  setTeam(team)
  $('nobody').hidden = team.length > 0
  setText($('nobody'), t('super.nobody'))
  paintNumbers(hours)
  paintRefusals(refusals)
  shownHours = groupByHour(hours)
  paintTable(shownHours)
  drawChart()
}

function paintNumbers (hours) {
  const sum = (filter, field = 'calls') =>
    hours.filter(filter).reduce((total, hour) => total + hour[field], 0)
  const answered = sum(({ outcome }) => outcome === 'answered')
  const missed = sum(({ outcome }) => outcome === 'missed')
  const talkSeconds = sum(() => true, 'talkSeconds')
  const numbers = [
    ['super.calls', sum(() => true)],
    ['super.inbound', sum(({ direction }) => direction === 'inbound')],
    ['super.outbound', sum(({ direction }) => direction === 'outbound')],
    ['super.answered', answered],
    ['super.missed', missed, missed > 0 ? 'bad' : ''],
    ['super.talk', answered === 0 ? '–' : formatSeconds(talkSeconds / answered)]
  ]
  if ($('numbers').childElementCount === 0) {
    $('numbers').append(...numbers.map(([name]) => {
      const numberBox = make('div', 'number', make('dt', '', t(name)), make('dd'))
      numberBox.dataset.number = name
      return numberBox
    }))
  }
  for (const [index, [, value, mood = '']] of numbers.entries()) {
    const numberBox = $('numbers').children[index]
    setText(numberBox.lastElementChild, String(value))
    numberBox.dataset.mood = mood
  }
}

function paintRefusals (refusals) {
  $('refusals').hidden = refusals.length === 0
  $('no-refusals').hidden = refusals.length > 0
  setText($('no-refusals'), t('super.none'))
  $('refusal-rows').replaceChildren(...refusals.map(({ vendor, code, count, lastAt }) =>
    make(
      'tr',
      '',
      ...[[formatVendor(vendor)], describeReason(code), [String(count)], [formatTime(lastAt)]]
        .map(content => make('td', '', ...content))
    )
  ))
}

/** In words if there are any, and with the code as in the logs. */
function describeReason (code) {
  const key = `refusal.${code}`
  const text = t(key)
  // Long codes break between their words.
  const parts = code.split('_').flatMap((part, index) =>
    index === 0 ? [part] : ['_', make('wbr'), part]
  )
  return text === key ? parts : [text, make('small', '', ...parts)]
}

/** Calls by hour of the day, one list per outcome. */
function groupByHour (hours) {
  const latest = Math.max(new Date(serverNow()).getHours(), ...hours.map(({ hour }) => hour))
  const first = Math.min(8, latest, ...hours.map(({ hour }) => hour))
  // With few hours, the bars would be too wide, and the axis would show hours of the day before.
  const last = Math.max(latest, Math.min(first + shownHoursAtLeast - 1, 23))
  const labels = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  const counts = series.map(outcome =>
    labels.map(label =>
      hours.filter(({ hour, outcome: hourOutcome }) => hour === label && hourOutcome === outcome)
        .reduce((total, { calls }) => total + calls, 0)
    )
  )
  return { labels, counts }
}

function paintTable ({ labels, counts }) {
  const names = series.map(name => t(`outcome.${name}`))
  const createRow = (name, texts) =>
    make('tr', '', ...texts.map(text => make(name, '', String(text))))
  $('hours-head').replaceChildren(createRow('th', [t('super.hour'), ...names]))
  $('hours').replaceChildren(
    ...labels.map((label, index) => createRow('td', [label, ...counts.map(list => list[index])]))
  )
  if ($('legend').childElementCount === 0) {
    $('legend').append(...names.map(name => make('li', '', name)))
  }
}

/** Stacked bars; the table beside them has the same data for screen readers. */
function drawChart (mustRedraw = false) {
  const width = $('chart').clientWidth
  if (shownHours === null || width === 0) return
  const { labels, counts } = shownHours
  // uPlot draws each series from zero: the highest goes first.
  const stacked = counts.map((_, index) =>
    labels.map((_label, hour) =>
      counts.slice(0, index + 1).reduce((total, list) => total + list[hour], 0)
    )
  ).reverse()
  const data = [labels, ...stacked]
  if (chart !== null && !mustRedraw && chart.width === width) {
    chart.setData(data)
    return
  }
  chart?.destroy()
  const style = getComputedStyle(document.documentElement)
  const probe = make('i')
  document.body.append(probe)
  const color = name => {
    probe.style.color = style.getPropertyValue(name)
    return getComputedStyle(probe).color
  }
  const axis = { stroke: color('--soft'), grid: { stroke: color('--line'), width: 1 } }
  chart = new UPlot(
    {
      width,
      height: 260,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: (_, low, high) => [low - 0.6, high + 0.6] },
        y: { range: (_, _low, high) => [0, Math.max(4, Math.ceil(high * 1.1))] }
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          incrs: [1, 2, 3, 4],
          values: (_, all) => all.map(formatHour)
        },
        { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 500, 1000, 5000] }
      ],
      series: [
        {},
        ...[3, 2, 1].map(number => ({
          fill: color(`--chart-${number}`),
          stroke: color(`--chart-${number}`),
          width: 0,
          points: { show: false },
          paths: UPlot.paths.bars({ size: [0.7, 60] })
        }))
      ]
    },
    data,
    $('chart')
  )
  probe.remove()
}

function formatHour (hour) {
  return `${String(hour).padStart(2, '0')}:00`
}
