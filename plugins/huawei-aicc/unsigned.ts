import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  InputRefused,
  OptionInvalid,
  refuseInputErrors,
  reporting,
  type Settings,
  WireNumber,
  type WireObject
} from '../kit/index.ts'
import { keepWire, readCallback } from './callback-body.ts'
import { createGate, gateParameter, type Unsigned, UnknownCall, UnsignedRefused } from './gate.ts'

export interface UnsignedOptions {
  /** Who may send unsigned callbacks; nobody by default. */
  unsigned?: Unsigned
  /**
   * Whether this service's createCall was given this serial number. The connection
   * callback may come before createCall has answered: wait for calls under way.
   */
  isKnownCall?: (callSerialNo: string) => boolean | Promise<boolean>
}

type Hook = (request: FastifyRequest) => Promise<void>

/** The hook for routes of unsigned callbacks: the gate first, then the call they are about. */
export function createVerifyUnsigned (
  settings: Settings,
  { unsigned = 'refuse', isKnownCall }: UnsignedOptions
): Hook {
  if (isKnownCall !== undefined && typeof isKnownCall !== 'function') {
    throw new OptionInvalid('huawei-aicc', 'option "isKnownCall" must be a function')
  }
  const isOpen = createGate(unsigned)

  async function check (request: FastifyRequest): Promise<undefined> {
    if (!isOpen(request)) throw new UnsignedRefused()
    const params = refuseInputErrors(() => readCallback(request))
    if (isKnownCall !== undefined && await isKnownCall(callSerialNoOf(params)) !== true) {
      throw new UnknownCall()
    }
    keepWire(request, params)
  }

  return async function verifyUnsigned (request) {
    await reporting(settings, () => check(request))
  }
}

/**
 * Gives routes with the hook what the kit gives those with `verify`: body capture and the vendor's
 * failure replies.
 */
export function watchUnsignedRoutes (
  app: FastifyInstance,
  as: string,
  hook: Hook,
  { unsigned }: UnsignedOptions
): void {
  const byToken = typeof unsigned === 'object' && unsigned.token !== undefined
  app.addHook('onRoute', (route) => {
    if (carries([route.onRequest, route.preParsing], hook)) {
      throw new OptionInvalid(
        'huawei-aicc',
        `route ${
          String(route.method)
        } ${route.url}: app.${as}.verifyUnsigned reads the body and so must stand in preValidation or preHandler`
      )
    }
    if (!carries([route.preValidation, route.preHandler], hook)) return
    if (byToken && !new RegExp(`/:${gateParameter}\\b`).test(route.url)) {
      throw new OptionInvalid(
        'huawei-aicc',
        `route ${
          String(route.method)
        } ${route.url}: app.${as}.verifyUnsigned looks for its token in the path parameter ":${gateParameter}"`
      )
    }
    route.config = {
      ...route.config,
      contactCenter: { capture: true, replies: as, ...route.config?.contactCenter }
    }
  })
}

function carries (slots: unknown[], hook: Hook): boolean {
  return slots.flat().includes(hook)
}

function callSerialNoOf (params: WireObject): string {
  const value = params.get('callSerialNo')
  if (value instanceof WireNumber) return value.text
  if (typeof value !== 'string' || value === '') {
    throw new InputRefused({ cause: new Error('callSerialNo is missing') })
  }
  return value
}
