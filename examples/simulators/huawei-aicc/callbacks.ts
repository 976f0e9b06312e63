import { randomBytes } from 'node:crypto'
import { scheme } from 'fastify-contact-center/huawei-aicc'
import { type Call, createConnectionBody, createReleaseBody } from './calls.ts'
import type { Callback } from './delivery.ts'

/** The current settings for callbacks. */
export interface CallbackSettings {
  readonly secret: string
  readonly authentication: string
  readonly connectedUrl: string
  readonly releasedUrl: string
}

/** The content of a voice notification after it ends. */
export interface VoiceNotification {
  readonly callSerialNo: string
  readonly callData: string | null
  readonly releaseReason: string
  readonly url: string
}

/** Creates the vendor's callbacks. Signs each attempt anew, or retries would be too late. */
export class Callbacks {
  readonly #settings: CallbackSettings
  readonly #now: () => number

  constructor (settings: CallbackSettings, now: () => number) {
    this.#settings = settings
    this.#now = now
  }

  /** Never signed, regardless of the settings. */
  createConnected (call: Call): Callback {
    return {
      kind: 'connected',
      callSerialNo: call.callSerialNo,
      url: this.#settings.connectedUrl,
      body: () => createConnectionBody(call)
    }
  }

  /** Null without a callBackUrl. */
  createReleased (call: Call): Callback | null {
    const { callSerialNo, callBackUrl: url } = call
    return url === null
      ? null
      : {
        kind: 'released',
        callSerialNo,
        url,
        body: () => this.#sealParams(createReleaseBody(call))
      }
  }

  /** Only the documented fields. */
  createVoiceNotification ({ url, ...fields }: VoiceNotification): Callback {
    return {
      kind: 'voice-notification',
      callSerialNo: fields.callSerialNo,
      url,
      body: () => this.#sealParams(fields)
    }
  }

  /** A connection of an unrequested call, or a release whose reason was changed after signing. */
  createForged (call: Call, kind: 'connected' | 'released'): Callback | null {
    if (kind === 'connected') {
      return {
        ...this.createConnected(call),
        body: () => ({ ...createConnectionBody(call), callSerialNo: '1' })
      }
    }
    const released = this.createReleased(call)
    return released && { ...released, body: () => ({ ...released.body(), releaseReason: '99' }) }
  }

  #sealParams (params: object): object {
    const { authentication, secret } = this.#settings
    if (authentication === 'none') return params
    const timestamp = String(this.#now())
    const nonce = randomBytes(16).toString('hex')
    return {
      ...params,
      timestamp,
      nonce,
      signature: scheme.sign({ params, timestamp, nonce }, secret)
    }
  }
}
