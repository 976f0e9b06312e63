import {
  type ConnectionCallback,
  formatCallTime,
  type ReleaseCallback
} from 'fastify-contact-center/huawei-aicc'
import { parseUrl } from 'fastify-contact-center/kit'
import { keepNewest } from '../shared/keep-newest.ts'

/** A call at the simulated vendor. */
export interface Call {
  callSerialNo: string
  /**
   * `calling`: the agent's phone rings. `ringing`: the agent has answered, and the customer's phone
   * rings.
   */
  state: 'calling' | 'ringing' | 'talking' | 'released'
  caller: string
  called: string
  callData: string | null
  /**
   * The URL of the signed release callback. Without one, the real vendor sends an unsigned
   * callback; the simulator sends none.
   */
  callBackUrl: string | null
  /** Epoch milliseconds, like the other times. */
  createdAt: number
  ringingAt: number | null
  talkingAt: number | null
  releasedAt: number | null
  releaseReason: string | null
}

/** The createCall request on the wire. */
export interface CallRequest {
  caller: string
  called: string
  callData?: string
  /** The URL in Base64. */
  callBackUrl?: string
}

const maximumCalls = 10_000

/** The newest calls of one simulator, oldest first. Dropped calls still run to their end. */
export class Calls {
  readonly #calls = new Map<string, Call>()
  readonly #now: () => number
  /**
   * Above 2^53, like the vendor's IDs: a client that parses it as a double refers to another call.
   */
  #last: bigint

  constructor (now: () => number) {
    this.#now = now
    this.#last = BigInt(now()) * 1_000_000n + 1n
  }

  newSerialNo (): string {
    this.#last += 2n
    return String(this.#last)
  }

  create ({ caller, called, callData = '', callBackUrl }: CallRequest): Call {
    const call: Call = {
      callSerialNo: this.newSerialNo(),
      state: 'calling',
      caller,
      called,
      callData: callData === '' ? null : callData,
      callBackUrl: callBackUrl === undefined ? null : decodeUrl(callBackUrl),
      createdAt: this.#now(),
      ringingAt: null,
      talkingAt: null,
      releasedAt: null,
      releaseReason: null
    }
    keepNewest(this.#calls, call.callSerialNo, call, maximumCalls)
    return call
  }

  get (callSerialNo: string): Call | undefined {
    return this.#calls.get(callSerialNo)
  }

  list (): Call[] {
    return [...this.#calls.values()]
  }

  /** The agent answers. Returns false if the call is past that state. */
  ring (call: Call): boolean {
    if (call.state !== 'calling') return false
    Object.assign(call, { state: 'ringing', ringingAt: this.#now() })
    return true
  }

  /**
   * The customer answers, and the agent first if they have not. Returns false if the call is past
   * that state.
   */
  talk (call: Call): boolean {
    this.ring(call)
    if (call.state !== 'ringing') return false
    Object.assign(call, { state: 'talking', talkingAt: this.#now() })
    return true
  }

  /** Returns false if the call has already ended. */
  release (call: Call, releaseReason: string): boolean {
    if (call.state === 'released') return false
    Object.assign(call, { state: 'released', releasedAt: this.#now(), releaseReason })
    return true
  }
}

export function createConnectionBody (
  { callSerialNo, called, callData }: Call
): ConnectionCallback {
  return { callSerialNo, serviceNo: '', called, callData }
}

export function createReleaseBody (
  call: Call
): Required<Omit<ReleaseCallback, 'timestamp' | 'nonce' | 'signature'>> {
  const {
    callSerialNo,
    caller,
    called,
    callData,
    createdAt,
    ringingAt,
    talkingAt,
    releasedAt,
    releaseReason
  } = call
  return {
    callSerialNo,
    serviceNo: '',
    called,
    caller,
    callerPresent: null,
    callData,
    createCallTime: formatTime(createdAt),
    alertingTime: formatTime(ringingAt),
    talkingTime: formatTime(talkingAt),
    releaseTime: formatTime(releasedAt),
    talkDuration: secondsBetween(talkingAt, releasedAt),
    recordfile: talkingAt === null ? null : `Y:/1/0/${callSerialNo}.V3`,
    locationId: '1',
    releaseReason,
    agentAlertingTime: formatTime(createdAt),
    // The customer's phone rings once the agent has answered.
    agentTalkingTime: formatTime(ringingAt),
    agentReleaseTime: formatTime(releasedAt),
    agentTalkDuration: secondsBetween(ringingAt, releasedAt)
  }
}

function secondsBetween (from: number | null, to: number | null): string {
  return String(from === null || to === null ? 0 : Math.round((to - from) / 1000))
}

function formatTime (epochMs: number | null): string {
  return epochMs === null ? '' : formatCallTime(epochMs)
}

/** @throws {TypeError} unless the text is Base64 of a URL in the vendor's character set */
function decodeUrl (base64: string): string {
  const url = Buffer.from(base64, 'base64').toString()
  if (!/^[a-zA-Z0-9\-:./_#?&]+$/.test(url) || parseUrl(url) === null) {
    throw new TypeError('callBackUrl is not the Base64 of a URL')
  }
  return url
}
