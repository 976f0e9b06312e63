import { init } from 'echarts'
import type { Bar, Kind, Line } from './report.ts'

const ink = '#1f2328'
const grid = '#d1d9e0'
const width = 860
const axis = {
  axisLabel: { color: ink },
  axisLine: { lineStyle: { color: ink } },
  splitLine: { lineStyle: { color: grid } },
  nameTextStyle: { color: ink }
}
/** Names beside the bars identify them without colour. Readable on white and on black. */
const colours: Record<Kind, string> = {
  bare: '#6e7781',
  ours: '#2f81f7',
  recipe: '#8b949e',
  peer: '#c27803'
}
const lineColours = [
  '#2f81f7',
  '#c27803',
  '#2da44e',
  '#a475f9',
  '#d1578f',
  '#6e7781',
  '#1b9e9e',
  '#b35900',
  '#7d5bbe'
]

/** The ratio of each contender to the bare route, cheapest first. */
export function barChart (bars: readonly Bar[]): string {
  const sorted = bars.toSorted((a, b) => b.value - a.value)
  return render(110 + 26 * bars.length, {
    title: {
      text: 'Server CPU for a request, bare Fastify route = 1',
      left: 8,
      textStyle: { color: ink, fontSize: 15 }
    },
    legend: {
      top: 32,
      left: 8,
      itemGap: 24,
      textStyle: { color: ink },
      data: ['ours', 'recipe', 'peer']
    },
    // Widths are set by hand: without a browser nothing measures text.
    grid: { left: 310, right: 60, top: 66, bottom: 30 },
    xAxis: { type: 'value', min: 0, ...axis },
    yAxis: { type: 'category', data: sorted.map(({ name }) => name), ...axis },
    series: (['ours', 'recipe', 'peer'] as const).map(kind => ({
      name: kind,
      type: 'bar',
      stack: 'one',
      itemStyle: { color: colours[kind] },
      label: {
        show: true,
        position: 'right',
        color: ink,
        formatter: ({ value }: { value?: unknown }) =>
          typeof value === 'number' ? value.toFixed(2) : ''
      },
      data: sorted.map(bar => bar.kind === kind ? bar.value : null)
    }))
  })
}

/**
 * Cost relative to the smallest size, over size relative to the smallest, both logarithmic. What
 * should be flat is dashed.
 */
export function lineChart (lines: readonly Line[]): string {
  return render(480, {
    title: {
      text: 'Cost as the work grows: times the cost of the smallest size',
      left: 8,
      textStyle: { color: ink, fontSize: 15 }
    },
    legend: { orient: 'vertical', top: 50, left: 500, itemGap: 14, textStyle: { color: ink } },
    grid: { left: 70, right: 400, top: 50, bottom: 50 },
    xAxis: { type: 'log', name: 'size', nameLocation: 'middle', nameGap: 28, ...axis },
    yAxis: { type: 'log', ...axis },
    series: lines.map(({ name, points, shape }, index) => {
      const [first = [1, 1]] = points
      const colour = lineColours[index % lineColours.length] ?? ink
      return {
        name,
        type: 'line',
        symbol: 'circle',
        lineStyle: { color: colour, type: shape === 'flat' ? 'dashed' : 'solid' },
        itemStyle: { color: colour },
        symbolSize: 6,
        data: points.map(([size, cost]) => [size, cost / first[1]])
      }
    })
  })
}

/**
 * SVG without a browser. Ink and grid change with the reader's colour scheme; the background is the
 * page's.
 */
function render (height: number, option: object): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption({ animation: false, backgroundColor: 'transparent', ...option })
  const svg = chart.renderToSVGString()
  chart.dispose()
  const dark =
    `<style>@media (prefers-color-scheme: dark) { [fill="${ink}"] { fill: #e6edf3 } [stroke="${ink}"] { stroke: #e6edf3 } [stroke="${grid}"] { stroke: #3d444d } }</style>`
  return svg.replace(/<svg [^>]*>/, (tag: string) => tag + dark) + '\n'
}
