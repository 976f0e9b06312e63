import type { Callback } from '../../examples/integration-service/calls/store-callbacks.ts'
import { stages } from '../../examples/integration-service/store/calls.ts'

/**
 * What a route of floor.ts does besides the writes: nothing; the signature, the time window and the
 * nonce by hand, with the least code; the same by the plugin; and the schemas too.
 */
export const steps = ['bare', 'by hand', 'signed', 'validated'] as const
export type Step = typeof steps[number]

/** What the service keeps of one of the benchmark's release callbacks. */
export function rowOf (callSerialNo: string, body: string, customer: string): Callback {
  const now = Date.now()
  return {
    kind: 'released',
    body,
    now,
    fact: {
      call_serial_no: callSerialNo,
      agent_id: null,
      direction: null,
      caller: '+82215881001',
      called: customer,
      customer_number: customer,
      stage: stages.released,
      connected_at: null,
      released_at: now,
      release_reason: '0',
      talk_seconds: '60'
    }
  }
}
