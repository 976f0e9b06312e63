import type { FastifyInstance } from 'fastify'
import { html } from 'ghtml'
import type { EventLog } from './events.ts'
import { type Fault, type Finding, runFault, type Suite } from './faults.ts'
import { replyOrRedirect } from './page.ts'

export interface FaultLab<Bench> {
  readonly suite: Suite<Bench>
  /** The service under test, from the current settings. */
  readonly bench: () => NoInfer<Bench>
  readonly events: EventLog
}

/**
 * `POST /lab/faults/:name` applies one fault to your service, `POST /lab/faults` all faults, and
 * `GET /lab/faults` returns the findings. Returns the table for the page.
 */
export function faultRoutes<Bench> (
  app: FastifyInstance,
  { suite, bench, events }: FaultLab<Bench>
): () => string {
  const findings = new Map<string, Finding>()
  const listFindings = (): object[] =>
    suite.faults.map(({ name, title, why }) => findings.get(name) ?? { name, title, why })

  app.get('/lab/faults', async () => listFindings())
  app.post('/lab/faults', async (request, reply) => {
    for (const fault of suite.faults) await run(fault)
    return replyOrRedirect(request, reply, listFindings())
  })
  app.post<{ Params: { name: string } }>('/lab/faults/:name', async (request, reply) => {
    const fault = suite.faults.find(({ name }) => name === request.params.name)
    if (fault === undefined) return reply.code(404).send({ message: 'unknown fault' })
    return replyOrRedirect(request, reply, await run(fault))
  })
  return () => renderFaultTable(suite, findings)

  async function run (fault: Fault<Bench>): Promise<Finding> {
    const finding = await runFault(suite, fault, bench())
    findings.set(fault.name, finding)
    const { name, expected, got, verdict } = finding
    if (verdict !== 'skipped') {
      events.record(
        'fault',
        verdict === 'right' ? 'accepted' : 'failed',
        `${name}: ${got}, ${verdict} (expected: ${expected})`,
        finding
      )
    }
    return finding
  }
}

function renderFaultTable<Bench> (
  { faults }: Suite<Bench>,
  findings: ReadonlyMap<string, Finding>
): string {
  return html`<details id="faults" class="card"!${
    findings.size > 0 ? ' open' : ''
  }><summary>Faults</summary><p>The lab sends each fault to your service, and judges the answer. !${
    renderCounts(findings)
  }</p>
<form action="/lab/faults" method="post"><button>Run all</button></form>
<div class="wide"><table><thead><tr><th>Fault</th><th>Request</th><th>Expected</th><th>Got</th><th>Why</th></tr></thead>
<tbody>!${
    faults.map(fault => renderFaultRow(fault, findings.get(fault.name))).join('')
  }</tbody></table></div></details>`
}

function renderCounts (findings: ReadonlyMap<string, Finding>): string {
  if (findings.size === 0) return ''
  const count = (verdict: Finding['verdict']): number =>
    Array.from(findings.values()).filter(finding => finding.verdict === verdict).length
  return html`<b id="count">${count('right')} right, ${count('wrong')} wrong, ${
    count('skipped')
  } skipped.</b>`
}

function renderFaultRow (
  { name, title, why }: Pick<Finding, 'name' | 'title' | 'why'>,
  finding?: Finding
): string {
  return html`<tr id="fault-${name}"><td><form action="/lab/faults/${name}" method="post"><button>${name}</button></form></td>
<td>${title}</td><td>${finding?.expected ?? ''}</td><td>!${
    finding === undefined ? '' : renderResult(finding)
  }</td><td>${why}!${
    finding?.explanation === undefined ? '' : html`<br><b>${finding.explanation}</b>`
  }</td></tr>`
}

function renderResult ({ got, verdict, text }: Finding): string {
  return html`<span class="${
    verdict === 'right' ? 'accepted' : verdict === 'wrong' ? 'refused' : ''
  }"><b>${verdict}</b>!${
    verdict === 'skipped' ? '' : html`: ${got}`
  }</span><br><small>${text}</small>`
}
