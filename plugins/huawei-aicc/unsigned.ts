import type { FastifyRequest } from 'fastify'
import { stacklessError, InputRefused, OptionInvalid } from '../kit/errors.ts'
import type { Guard } from '../kit/define-vendor.ts'
import { type VendorContext, WireNumber } from '../kit/index.ts'
import type { WireObject } from '../kit/wire/json.ts'
import { keepWire, readCallback } from './callback-body.ts'
import { gateParameter, UnknownCall, UnsignedRefused } from './gate.ts'
import type { HuaweiAiccValues } from './options.ts'
import type { HuaweiAiccInput } from './scheme.ts'

/** The guard of unsigned callbacks: checks the gate first, then the call. */
export function unsignedGuard (
  { as, guardHook, options }: VendorContext<HuaweiAiccInput, HuaweiAiccValues>
): Guard {
  const { unsigned: gate, isKnownCall } = options

  async function check (request: FastifyRequest): Promise<void> {
    if (!gate.accepts(request)) throw new UnsignedRefused()
    const params = readCallback(request)
    if (isKnownCall !== undefined && await isKnownCall(callSerialNoOf(params)) !== true) {
      throw new UnknownCall()
    }
    keepWire(request, params)
  }

  return {
    hook: guardHook(check),
    readsBody: true,
    assertRoute ({ method, url }) {
      if (!gate.needsToken || new RegExp(`/:${gateParameter}\\b`).test(url)) return
      throw new OptionInvalid(
        'huawei-aicc',
        `route ${
          String(method)
        } ${url}: app.${as}.verifyUnsigned looks for its token in the path ` +
          `parameter ":${gateParameter}"`
      )
    }
  }
}

function callSerialNoOf (params: WireObject): string {
  const value = params.get('callSerialNo')
  if (value instanceof WireNumber) return value.text
  if (typeof value !== 'string' || value === '') {
    throw new InputRefused({ cause: stacklessError('callSerialNo is missing') })
  }
  return value
}
