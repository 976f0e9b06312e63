import type { Callback } from '../../examples/integration-service/calls/keep.ts'
import { stages } from '../../examples/integration-service/store/calls.ts'

/** What the service keeps of one of the benchmark's release callbacks. */
export function rowOf (callSerialNo: string, body: string): Callback {
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
      called: '+821012345678',
      customer_number: '+821012345678',
      stage: stages.released,
      connected_at: null,
      released_at: now,
      release_reason: '0',
      talk_seconds: '60'
    }
  }
}
