import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  type CommonOptions,
  createVerify,
  type Failure,
  type FailureReply,
  flag,
  installVendor,
  isSecure,
  matchingKey,
  oneOf,
  OptionInvalid,
  positiveInteger,
  readCommonOptions,
  refuseInputErrors,
  refuseOwnInput,
  type RememberOption,
  type Scheme,
  signingKey,
  type Verification
} from '../kit/index.ts'
import { createExplainLog } from '../kit/explain/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { createRead, pickInput } from './read.ts'
import { describeClickToCall } from './openapi.ts'
import { type InputRules, inputRules, ruleNames } from './rules.ts'
import {
  assertInput,
  createScheme,
  type OracleCscInput,
  type OracleCscSchemeOptions
} from './scheme.ts'
import * as schemas from './schemas.ts'
import {
  baseUrl,
  type ClickToCallFields,
  clickToCallUrl,
  type ParameterNames,
  parameterNames
} from './url.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { createScheme, scheme, type OracleCscInput, type OracleCscSchemeOptions } from './scheme.ts'
export {
  clickToCallUrl,
  defaultNames,
  maskClickToCallUrl,
  readClickToCallUrl,
  type ClickToCallFields,
  type ParameterNames,
  type UrlOptions
} from './url.ts'
export type { InputRules } from './rules.ts'
export * from './schemas.ts'

export interface OracleCscOptions
  extends CommonOptions<OracleCscDecorator>, RememberOption, OracleCscSchemeOptions, InputRules {
  /**
   * Where CSC is, such as `https://csc.example.com/agent/main`; may have a query. Needed to sign.
   */
  url?: string
  /**
   * Allow an `http:` {@link OracleCscOptions.url} that is not loopback. Default false: the URL is a
   * credential.
   */
  allowHttp?: boolean
  /** CSC's FTCallID check is on: the call id is required and covered. Default false. */
  checkCallId?: boolean
  /** Parameter names where CSC is configured with others. */
  parameterNames?: Partial<ParameterNames>
}

export interface OracleCscDecorator {
  /**
   * Hook for any slot from `onRequest` on, and for `@fastify/auth`: throws unless the request
   * target is a signed click-to-call URL.
   */
  verify: (request: FastifyRequest) => Promise<void>
  /**
   * Hook for `preSerialization`: a payload with {@link ClickToCallFields} gains `url`. Replies of
   * status 400 and above pass as they are.
   */
  sign: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>
  /**
   * The signed URL that opens CSC. Rejects with `FST_CC_INPUT_REFUSED` for fields that the rules
   * refuse; the message names the field. Looked-up keys need the request.
   */
  clickToCallUrl: (fields: ClickToCallFields, request?: FastifyRequest) => Promise<string>
  /**
   * The id of the key that made the hash, or null. Looks at neither {@link InputRules} nor replay.
   * Looked-up keys need the request.
   */
  verifyInput: (
    input: OracleCscInput,
    hash: string,
    request?: FastifyRequest
  ) => Promise<string | null>
  readonly scheme: Scheme<OracleCscInput>
  readonly schemas: typeof schemas
}

/** What `request.verification` is behind this plugin's `verify`. */
export type OracleCscVerification = Verification & { readonly scheme: 'oracle-csc' }

declare module 'fastify' {
  interface FastifyInstance {
    oracleCsc: OracleCscDecorator
  }
}

const vendor = 'oracle-csc'

const oracleCsc: FastifyPluginAsync<OracleCscOptions> = async function oracleCsc (app, options) {
  const settings = readCommonOptions(options, {
    vendor,
    decorator: 'oracleCsc',
    own: [
      'algorithm',
      'byteLength',
      'minimumKeyBytes',
      'strict',
      'url',
      'allowHttp',
      'checkCallId',
      'parameterNames',
      ...ruleNames
    ],
    published: ['mySecretKey']
  })
  const { keys, now } = settings
  const algorithm = oneOf(vendor, 'algorithm', options.algorithm ?? 'sha1', ['sha1', 'sha256'])
  const byteLength = oneOf(vendor, 'byteLength', options.byteLength ?? 'utf16', ['utf16', 'utf8'])
  const scheme = createScheme({
    algorithm,
    byteLength,
    minimumKeyBytes: positiveInteger(vendor, 'minimumKeyBytes', options.minimumKeyBytes ?? 16),
    strict: flag(vendor, 'strict', options.strict ?? true)
  })
  const checkCallId = flag(vendor, 'checkCallId', options.checkCallId ?? false)
  const allowHttp = flag(vendor, 'allowHttp', options.allowHttp ?? false)
  const rules = inputRules(options)
  const names = optionOf('parameterNames', () => parameterNames(options.parameterNames))
  const base = options.url === undefined ? undefined : checkedBase(options.url, names, allowHttp)

  const decorator: OracleCscDecorator = {
    scheme,
    schemas,
    verify: createVerify({
      settings,
      scheme,
      read: createRead({ algorithm, checkCallId, names, rules }),
      explainLater: createExplainLog(
        settings,
        scheme,
        createDiagnosis({ algorithm, byteLength, checkCallId, names })
      )
    }),
    async verifyInput (input, hash, request) {
      return matchingKey(scheme, input, hash, (await keys.at(now(), request)).keys)?.id ?? null
    },
    async clickToCallUrl (fields, request) {
      if (base === undefined) throw new OptionInvalid(vendor, 'option "url" is needed to sign')
      const { secret } = await signingKey(keys, now(), request)
      return refuseOwnInput(() => {
        const input = pickInput(fields, checkCallId)
        assertInput(input)
        rules(input)
        return clickToCallUrl(base, { ...fields, hash: scheme.sign(input, secret) }, { names })
      })
    },
    async sign (request, reply, payload) {
      if (reply.statusCode >= 400) return payload
      const fields = payload as ClickToCallFields
      const url = await refuseInputErrors(() => decorator.clickToCallUrl(fields, request))
      reply.header('cache-control', 'no-store')
      return { ...fields, url }
    }
  }
  installVendor(app, {
    settings,
    scheme,
    sample: { username: 'kim', callerId: '0' },
    decorator,
    capture: false,
    replyTo,
    describe: describeClickToCall(scheme, { algorithm, checkCallId, names })
  })
}

export default fp(oracleCsc, { fastify: '5.x', name: 'fastify-contact-center/oracle-csc' })

function checkedBase (base: string, names: Readonly<ParameterNames>, allowHttp: boolean): string {
  const url = optionOf('url', () => baseUrl(base, names))
  if (!allowHttp && !isSecure(url)) {
    throw new OptionInvalid(
      vendor,
      'option "url" must be https, because the signed URL is a credential; "allowHttp" allows http'
    )
  }
  return base
}

/** The option's value as the step makes it. @throws {OptionInvalid} where it cannot */
function optionOf<T> (name: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw new OptionInvalid(vendor, `option "${name}": ${(error as Error).message}`)
  }
}

/** CSC publishes no shape for a refusal. */
function replyTo ({ status, code, message }: Failure): FailureReply {
  return { status, body: { error: code, message } }
}
