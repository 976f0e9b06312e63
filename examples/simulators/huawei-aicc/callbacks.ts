import { randomBytes } from 'node:crypto'
import { scheme } from 'fastify-contact-center/huawei-aicc'
import { type Call, connectionBody, releaseBody } from './calls.ts'
import type { Callback } from './delivery.ts'

/** What the callbacks need of the settings, by the values of the moment. */
export interface CallbackSettings {
  readonly secret: string
  readonly authentication: string
  readonly connectedUrl: string
  readonly releasedUrl: string
}

/** What a voice notification says when it has ended. */
export interface VoiceNotification {
  readonly callSerialNo: string
  readonly callData: string | null
  readonly releaseReason: string
  readonly url: string
}

/** Writes the vendor's callbacks. Each attempt is signed anew, or a retry would come too late. */
export class Callbacks {
  readonly #settings: CallbackSettings
  readonly #now: () => number

  constructor (settings: CallbackSettings, now: () => number) {
    this.#settings = settings
    this.#now = now
  }

  /** Never signed, whatever the settings. */
  connected (call: Call): Callback {
    return {
      kind: 'connected',
      callSerialNo: call.callSerialNo,
      url: this.#settings.connectedUrl,
      body: () => connectionBody(call)
    }
  }

  /** Null without a callBackUrl. */
  released (call: Call): Callback | null {
    const { callSerialNo, callBackUrl: url } = call
    return url === null
      ? null
      : { kind: 'released', callSerialNo, url, body: () => this.#sealed(releaseBody(call)) }
  }

  /** Only the fields that are certain: the vendor's page names no others. */
  voiceNotification ({ url, ...fields }: VoiceNotification): Callback {
    return {
      kind: 'voice-notification',
      callSerialNo: fields.callSerialNo,
      url,
      body: () => this.#sealed(fields)
    }
  }

  /**
   * A connection of a call that nobody asked for, or a release whose reason was changed after
   * signing.
   */
  forged (call: Call, kind: 'connected' | 'released'): Callback | null {
    if (kind === 'connected') {
      return {
        ...this.connected(call),
        body: () => ({ ...connectionBody(call), callSerialNo: '1' })
      }
    }
    const released = this.released(call)
    return released && { ...released, body: () => ({ ...released.body(), releaseReason: '99' }) }
  }

  #sealed (params: object): object {
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
