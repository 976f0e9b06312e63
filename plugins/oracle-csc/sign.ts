import type { FastifyReply, FastifyRequest } from 'fastify'
import { isSecure } from '../kit/wire/url.ts'
import { OptionInvalid, refuseInputErrors, refuseOwnInput } from '../kit/errors.ts'
import type { VendorContext } from '../kit/index.ts'
import type { OracleCscValues } from './options.ts'
import { pickInput } from './read.ts'
import { assertRules } from './rules.ts'
import { assertInput, type OracleCscInput } from './scheme.ts'
import { baseUrl, type ClickToCallFields, clickToCallUrl } from './url.ts'

const vendor = 'oracle-csc'

/** The decorator's functions for signing. */
export interface SignFunctions {
  /**
   * Hook for `preSerialization`: adds `url` to a payload with {@link ClickToCallFields}. Replies of
   * status 400 and above stay unchanged.
   */
  sign(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown>
  /**
   * The signed URL that opens CSC. Rejects with `FST_CC_INPUT_REFUSED` on fields that break the
   * rules; the message names the field. Keys that are looked up need the request.
   */
  clickToCallUrl(fields: ClickToCallFields, request?: FastifyRequest): Promise<string>
}

/** Signs click-to-call URLs as CSC checks them. */
export function signFunctions (
  { options, sign }: VendorContext<OracleCscInput, OracleCscValues>
): SignFunctions {
  const { checkCallId, parameterNames: names } = options
  if (options.url !== undefined) assertBase(options.url, options)

  async function signedUrl (fields: ClickToCallFields, request?: FastifyRequest): Promise<string> {
    const base = options.url
    if (base === undefined) throw new OptionInvalid(vendor, 'option "url" is needed to sign')
    return await refuseOwnInput(async () => {
      const input = pickInput(fields, checkCallId)
      assertInput(input)
      assertRules(options, input)
      return clickToCallUrl(base, { ...fields, hash: await sign(input, request) }, { names })
    })
  }

  return {
    clickToCallUrl: signedUrl,
    async sign (request, reply, payload) {
      if (reply.statusCode >= 400) return payload
      const fields = payload as ClickToCallFields
      const url = await refuseInputErrors(() => signedUrl(fields, request))
      reply.header('cache-control', 'no-store')
      return { ...fields, url }
    }
  }
}

function assertBase (
  base: string,
  { allowHttp, parameterNames }: Pick<OracleCscValues, 'allowHttp' | 'parameterNames'>
): void {
  let url: URL
  try {
    url = baseUrl(base, parameterNames)
  } catch (error) {
    throw new OptionInvalid(vendor, `option "url": ${(error as Error).message}`)
  }
  if (!allowHttp && !isSecure(url)) {
    throw new OptionInvalid(
      vendor,
      'option "url" must be https, because the signed URL is a credential; "allowHttp" allows http'
    )
  }
}
