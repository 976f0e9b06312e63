import type { Stack } from '../stack.ts'
import { agentSteps, releaseStep } from './agent-steps.ts'
import { Browser } from './browser.ts'
import { Desktop } from './desktop.ts'
import { inboundSteps } from './inbound-steps.ts'
import { memberSteps } from './member-steps.ts'
import { messageSteps } from './message-steps.ts'
import type { Tour } from './step.ts'
import { voiceSteps } from './voice-steps.ts'

export interface Report {
  title: string
  signedBy: string
  verifiedBy: string
  passed: boolean
  outcome: string
  twin: { title: string, refused: boolean, outcome: string }
}

export const steps = [
  ...agentSteps,
  ...memberSteps,
  releaseStep,
  ...inboundSteps,
  ...voiceSteps,
  ...messageSteps
]

/** Runs every step and its forged twin. Calls `onReport` after each. */
export async function runTour (
  stack: Stack,
  onReport: (report: Report) => void = () => {}
): Promise<Report[]> {
  const tour: Tour = {
    stack,
    agent: new Browser(),
    desktop: new Desktop(),
    member: new Browser(),
    callSerialNo: ''
  }
  const reports: Report[] = []
  try {
    for (const { title, signedBy, verifiedBy, run, twin } of steps) {
      const genuine = await attempt(() => run(tour))
      const forged = await attempt(() => twin.run(tour))
      const report: Report = {
        title,
        signedBy,
        verifiedBy,
        passed: genuine.ok,
        outcome: genuine.text,
        twin: { title: twin.title, refused: forged.ok, outcome: forged.text }
      }
      reports.push(report)
      onReport(report)
    }
  } finally {
    tour.desktop.close()
  }
  return reports
}

async function attempt (action: () => Promise<string>): Promise<{ ok: boolean, text: string }> {
  try {
    return { ok: true, text: await action() }
  } catch (error) {
    return { ok: false, text: (error as Error).message }
  }
}
