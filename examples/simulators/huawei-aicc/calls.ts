import { type ConnectionCallback, formatCallTime, type ReleaseCallback } from 'fastify-contact-center/huawei-aicc'

/** A call at the simulated vendor. */
export interface Call {
  callSerialNo: string
  state: 'calling' | 'connected' | 'released'
  caller: string
  called: string
  callData: string | null
  /** Where the signed release callback goes; without it the vendor would send an unsigned one, which nothing here does. */
  callBackUrl: string | null
  /** Epoch milliseconds, as the other times. */
  createdAt: number
  connectedAt: number | null
  releasedAt: number | null
  releaseReason: string | null
}

/** What createCall is asked, as it is on the wire. */
export interface CallRequest {
  caller: string
  called: string
  callData?: string
  /** Base64 of the URL. */
  callBackUrl?: string
}

/** The calls of one simulator; the newest last. */
export class Calls {
  readonly #calls = new Map<string, Call>()
  readonly #now: () => number
  /** Beyond 2^53, as the vendor's are: a client that reads it as a double asks about another call. */
  #last: bigint

  constructor (now: () => number) {
    this.#now = now
    this.#last = BigInt(now()) * 1_000_000n + 1n
  }

  create ({ caller, called, callData = '', callBackUrl }: CallRequest): Call {
    this.#last += 2n
    const call: Call = {
      callSerialNo: String(this.#last),
      state: 'calling',
      caller,
      called,
      callData: callData === '' ? null : callData,
      callBackUrl: callBackUrl === undefined ? null : decodeUrl(callBackUrl),
      createdAt: this.#now(),
      connectedAt: null,
      releasedAt: null,
      releaseReason: null
    }
    this.#calls.set(call.callSerialNo, call)
    return call
  }

  get (callSerialNo: string): Call | undefined {
    return this.#calls.get(callSerialNo)
  }

  list (): Call[] {
    return [...this.#calls.values()]
  }

  /** False where the call is past that. */
  connect (call: Call): boolean {
    if (call.state !== 'calling') return false
    Object.assign(call, { state: 'connected', connectedAt: this.#now() })
    return true
  }

  /** False where the call has ended already. */
  release (call: Call, releaseReason: string): boolean {
    if (call.state === 'released') return false
    Object.assign(call, { state: 'released', releasedAt: this.#now(), releaseReason })
    return true
  }
}

export function connectionBody ({ callSerialNo, called, callData }: Call): ConnectionCallback {
  return { callSerialNo, serviceNo: '', called, callData }
}

export function releaseBody (call: Call): Required<Omit<ReleaseCallback, 'timestamp' | 'nonce' | 'signature'>> {
  const { callSerialNo, caller, called, callData, createdAt, connectedAt, releasedAt, releaseReason } = call
  const talkDuration = String(connectedAt === null || releasedAt === null ? 0 : Math.round((releasedAt - connectedAt) / 1000))
  return {
    callSerialNo,
    serviceNo: '',
    called,
    caller,
    callerPresent: null,
    callData,
    createCallTime: timeText(createdAt),
    alertingTime: timeText(createdAt),
    talkingTime: timeText(connectedAt),
    releaseTime: timeText(releasedAt),
    talkDuration,
    recordfile: connectedAt === null ? null : `Y:/1/0/${callSerialNo}.V3`,
    locationId: '1',
    releaseReason,
    agentAlertingTime: timeText(createdAt),
    agentTalkingTime: timeText(connectedAt),
    agentReleaseTime: timeText(releasedAt),
    agentTalkDuration: talkDuration
  }
}

function timeText (epochMs: number | null): string {
  return epochMs === null ? '' : formatCallTime(epochMs)
}

/** @throws {TypeError} unless it is the Base64 of a URL in the vendor's characters */
function decodeUrl (base64: string): string {
  const url = Buffer.from(base64, 'base64').toString()
  if (!/^[a-zA-Z0-9\-:./_#?&]+$/.test(url) || !URL.canParse(url)) throw new TypeError('callBackUrl is not the Base64 of a URL')
  return url
}
