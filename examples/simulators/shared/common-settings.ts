import type { Setting } from './settings.ts'

// Settings shared by several simulators, each with one variable.

export const clock = {
  variable: 'LAB_CLOCK_SECONDS',
  label: 'Clock ahead by seconds',
  hint: 'negative: behind. The vendor signs and checks with this clock',
  default: '0',
  kind: 'number'
} as const satisfies Setting

export const oldKey = {
  variable: 'LAB_OLD_KEY',
  label: 'Old key',
  hint: 'your service must refuse it. For the faults; optional',
  secret: true
} as const satisfies Setting

export const cookie = {
  variable: 'LAB_COOKIE',
  label: 'Cookie of your service',
  hint: 'the Cookie header of a signed-in member or agent, for faults that need one; optional',
  secret: true
} as const satisfies Setting

export const method = {
  variable: 'LAB_METHOD',
  label: 'Method of the faults',
  hint: 'to request signed output from your service',
  default: 'GET',
  choices: ['GET', 'POST']
} as const satisfies Setting

/** A vendor's clock with a configurable error. */
export function shiftedClock (now: () => number, values: { readonly clock: string }): () => number {
  return () => now() + Number(values.clock) * 1000
}
