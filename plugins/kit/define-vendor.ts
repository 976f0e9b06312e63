import type { FastifyInstance, FastifyPluginAsync, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Diagnosis } from './explain/diagnosis.ts'
import { createExplainLog } from './explain/explain-log.ts'
import { type KeyRing, signingKey } from './keys/key-ring.ts'
import type { SaysFailure } from './route/claims.ts'
import { type Failure, failureReply, type FailureReply } from './route/failure.ts'
import { createGuardHook } from './route/guard-hook.ts'
import { installVendor } from './route/install.ts'
import type { MaybePromise } from './route/maybe-promise.ts'
import type { DescribeRoute } from './route/openapi.ts'
import type { OptionKinds, OptionsOf, ValuesOf } from './route/option-kinds.ts'
import { plainFailure } from './route/plain-failure.ts'
import {
  type CommonOptions,
  type DecoratorNameOption,
  readCommonOptions,
  readOwnOptions,
  type RememberOption,
  type ReplayPolicy,
  type WindowOption
} from './route/options.ts'
import { warnOfSiblings } from './route/siblings.ts'
import {
  createVerify,
  type Handshake,
  matchingKey,
  type Received,
  type Verification,
  type VerifyHook
} from './route/verify.ts'
import type { Scheme, Verifier } from './scheme.ts'
import type { TimeWindow, Tolerance } from './wire/time.ts'

// So that declarations include `request.verification`: imports without types are left out of them.
export type {} from './route/install.ts'

/** The input of a scheme. */
export type InputOf<Checker> = Checker extends
  { message(input: infer Input, secret: string): unknown } ? Input :
  never

/** A verifier of any input. */
export type AnyVerifier = Verifier<never>

/** The context that `defineVendor` passes to a vendor's own functions. */
export interface VendorContext<Input, Values = object, Checker = Verifier<Input>> {
  readonly app: FastifyInstance
  /** The name of the decorator. */
  readonly as: string
  /** The vendor's own options, checked and with their defaults. */
  readonly options: Values
  readonly scheme: Checker
  /** The configured keys, and those that are valid at a time. */
  readonly keys: KeyRing
  /** The accepted window, where the signature covers a time. */
  readonly window?: TimeWindow | undefined
  /** Epoch milliseconds. */
  now(): number
  /**
   * Signs with the newest valid key. Keys that are looked up need the request.
   * @throws {InputError} on an input that cannot be signed safely
   * @throws {KeysUnavailable} when no key is valid
   * @throws {TypeError} for a vendor whose signatures only the vendor can make
   */
  sign(input: Input, request?: FastifyRequest): Promise<string>
  /**
   * Makes the hook of a guard. `check` throws to refuse the request; its error is published as an
   * outcome and answered in the vendor's shape.
   */
  guardHook(check: (request: FastifyRequest) => MaybePromise<void>): VerifyHook
  /**
   * Warns at boot if there probably are other processes, which do not share the store. `contents`
   * names its entries in the plural.
   */
  warnIfPerProcess(store: { readonly perProcess?: boolean }, contents: string): void
}

/** An additional guard of a vendor, for requests that its signature does not cover. */
export interface Guard {
  /** The hook, made with the context's `guardHook`. */
  readonly hook: VerifyHook
  /** Whether it reads the body, which must then be captured. */
  readonly readsBody: boolean
  /** Refuses, at boot, a route on which the hook cannot work. */
  readonly assertRoute?: (route: RouteOptions) => void
}

/** Everything that the kit needs to know about a vendor. */
export interface VendorDefinition<
  Name extends string,
  Kinds extends OptionKinds,
  Checker extends AnyVerifier,
  Read extends Received<InputOf<NoInfer<Checker>>>,
  Schemas extends object,
  Functions extends object,
  Guards extends Readonly<Record<string, Guard>>,
  Default extends Tolerance | undefined
> {
  /** The vendor's name in kebab case: folder, subpath, `scheme.name`. */
  readonly name: Name
  /** The decorator; the name in camel case by default. */
  readonly decorator?: string
  /** The plugin's name for Fastify; the vendor's by default. */
  readonly plugin?: string
  /** The vendor's own options, each with its type, default and check. Default: none. */
  readonly options?: Kinds
  /** Facts about the vendor's keys. */
  readonly keys?: {
    /** Secrets printed in the vendor's documentation, which are refused. */
    readonly published?: readonly string[],
    /** Makes a secret of the vendor's form that nobody has. Default: random bytes in base64. */
    readonly unknown?: () => string
  }
  /**
   * The default of the option `tolerance`: how far the signed time may be from now, in
   * milliseconds. Without it, and without `window`, no time is checked.
   */
  readonly tolerance?: Default
  /**
   * The same, from the vendor's own options. The plugin then has no option `tolerance`: an option
   * of its own decides.
   */
  readonly window?: (options: ValuesOf<NoInfer<Kinds>>) => Tolerance | undefined
  /** Whether accepted requests are remembered. Default `off`: only with the option `replay`. */
  readonly replay?: ReplayPolicy
  /**
   * Whether a reply below status 400 reports a failure in the vendor's shape, so that the vendor
   * may repeat the request. `payload` is the body as sent. Default: the status alone decides.
   */
  readonly saysFailure?: SaysFailure
  /** The scheme, or a function that makes it from the vendor's own options. */
  readonly scheme: Checker | ((options: ValuesOf<NoInfer<Kinds>>) => Checker)
  /** A valid input, which each configured key signs and verifies at boot. */
  readonly sample?: InputOf<NoInfer<Checker>>
  /** The known mistakes of clients, for the option `explain` and the command line. */
  readonly diagnosis?: (options: ValuesOf<NoInfer<Kinds>>) => Diagnosis<InputOf<NoInfer<Checker>>>
  /** Whether the signature covers the body, which must then be captured. Default true. */
  readonly readsBody?: boolean
  /** The body limit in bytes of signed routes that set none. Default 65536. */
  readonly bodyLimit?: number
  /** Reads the signed parts of a request; throws the kit's errors. */
  readonly read: (
    request: FastifyRequest,
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => Read
  /** Runs last, once the request has been verified and claimed. */
  readonly accepted?: (
    request: FastifyRequest,
    received: Received<InputOf<NoInfer<Checker>>>,
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => MaybePromise<void>
  /**
   * Runs after validation on each route with a guard, to check the body that a schema coerced.
   */
  readonly afterValidation?: (request: FastifyRequest) => MaybePromise<void>
  /** Answers the vendor's handshake in place of the handler. */
  readonly handshake?: (
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => Handshake<InputOf<NoInfer<Checker>>>
  /** Additional guards, by their names on the decorator. */
  readonly guards?: (
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => Guards
  /**
   * Writes a failure with the vendor's statuses and in its shape. Default: Fastify's shape, for
   * vendors that only check the status.
   */
  readonly failure?: (failure: Failure) => FailureReply
  /** Describes a signed route for OpenAPI documents. */
  readonly openapi?: (
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => DescribeRoute
  /** The TypeBox schemas, on the decorator as `schemas`. Default: none. */
  readonly schemas?: Schemas
  /** Further functions of the decorator, such as `sign`. Default: none. */
  readonly functions?: (
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => Functions
}

/** The members of every vendor's decorator. */
export interface VendorDecorator<Checker extends AnyVerifier, Schemas> {
  /**
   * Hook for `preValidation` (or `preHandler`) and for `@fastify/auth`: refuses any request that
   * the vendor did not sign. Also an async function of the request.
   */
  verify: VerifyHook
  /**
   * The id of the key that made the signature, or null. Checks neither time nor replay. Keys that
   * are looked up need the request. Throws {@link InputError} on input that the scheme refuses.
   */
  verifyInput(
    input: InputOf<Checker>,
    signature: string,
    request?: FastifyRequest
  ): Promise<string | null>
  /**
   * Signs an input with the newest valid key. Keys that are looked up need the request. Throws
   * {@link InputError} on input that the scheme refuses, and `TypeError` for a vendor whose
   * signatures only the vendor can make.
   */
  signInput(input: InputOf<Checker>, request?: FastifyRequest): Promise<string>
  /**
   * The reply to an error in the vendor's shape, for error handlers and filters of other frameworks
   * that answer in place of Fastify.
   */
  failureReply(
    error: unknown
  ): { status: number, headers: Record<string, string>, body: unknown }
  /** The scheme with the options of this registration. */
  readonly scheme: Checker
  /** The TypeBox schemas of the vendor's bodies and replies. */
  readonly schemas: Schemas
}

/** The plugin of a vendor, with the facts that tools need. */
export interface VendorPlugin<
  Kinds extends OptionKinds,
  Checker extends AnyVerifier,
  Decorator,
  Default,
  Verified
> extends FastifyPluginAsync<VendorOptions<Kinds, Decorator, Default>> {
  readonly vendor: Vendor<Kinds, Checker>
  /** Never set: the types of the decorator, and of `request.verification` after `verify`. */
  readonly types?: { readonly decorator: Decorator, readonly verification: Verified }
}

/** A vendor as the command line, the lab and the contract suite use it. */
export interface Vendor<Kinds extends OptionKinds, Checker extends AnyVerifier> {
  readonly name: string
  readonly options: Kinds
  /** The default tolerance; undefined where no time is signed. */
  readonly tolerance: Tolerance | undefined
  /** Whether a repeated request is refused by default. */
  readonly refusesCopies: boolean
  /** Makes the scheme, with default options unless given. */
  scheme(options?: OptionsOf<Kinds>): Checker
  diagnosis?(options?: OptionsOf<Kinds>): Diagnosis<InputOf<Checker>>
}

/** The options of a vendor's plugin: its own, and those of every plugin. */
export type VendorOptions<Kinds, Decorator, Default> =
  & OptionsOf<Kinds>
  & CommonOptions
  & DecoratorNameOption<Decorator>
  & (Default extends Tolerance ? WindowOption : RememberOption)

/** The hooks of a vendor's additional guards, by name. */
export type HooksOf<Guards> = [keyof Guards] extends [never] ? unknown :
  { readonly [Hook in keyof Guards]: VerifyHook }

/** The options of a plugin that `defineVendor` made. */
export type OptionsOfVendor<Plugin> = Plugin extends FastifyPluginAsync<infer Options> ? Options :
  never

/** The decorator of a plugin that `defineVendor` made. */
export type DecoratorOf<Plugin> = Plugin extends
  { readonly types?: { readonly decorator: infer Decorator } } ? Decorator : never

/** The type of `request.verification` after the `verify` of a plugin that `defineVendor` made. */
export type VerificationOf<Plugin> = Plugin extends
  { readonly types?: { readonly verification: infer Verified } } ? Verified : never

/** A verification with the fields that this vendor's requests always have. */
export type VerificationFor<Name, Read> =
  & Verification
  & { readonly scheme: Name }
  & (Read extends { readonly timestamp: string } ? { readonly signedAt: number } : unknown)
  & (Read extends { readonly nonce: string } ? { readonly nonce: string } : unknown)

/**
 * Makes the Fastify plugin of a vendor from one definition. Use it for your own vendors: this
 * package makes its own with it.
 */
export function defineVendor<
  const Name extends string,
  Checker extends AnyVerifier,
  Read extends Received<InputOf<NoInfer<Checker>>>,
  Kinds extends OptionKinds = Readonly<Record<never, never>>,
  Schemas extends object = object,
  Functions extends object = object,
  Guards extends Readonly<Record<string, Guard>> = Readonly<Record<never, Guard>>,
  Default extends Tolerance | undefined = undefined
> (
  definition: VendorDefinition<Name, Kinds, Checker, Read, Schemas, Functions, Guards, Default>
): VendorPlugin<
  Kinds,
  Checker,
  VendorDecorator<Checker, Schemas> & Functions & HooksOf<Guards>,
  Default,
  VerificationFor<Name, Read>
> {
  type Decorator = VendorDecorator<Checker, Schemas> & Functions & HooksOf<Guards>

  type Input = InputOf<Checker>

  assertDefinition(definition)
  const { name, readsBody = true, sample, accepted, afterValidation } = definition
  const { tolerance: defaultTolerance, failure = plainFailure } = definition
  const { options: ownOptions = {} as Kinds, schemas = {} as Schemas } = definition
  const createScheme = (options: ValuesOf<Kinds>): Checker =>
    typeof definition.scheme === 'function' ? definition.scheme(options) : definition.scheme
  const readOptions = (options: object = {}): ValuesOf<Kinds> =>
    readOwnOptions(options, ownOptions, { vendor: name, defaultTolerance })

  const plugin: FastifyPluginAsync<VendorOptions<Kinds, Decorator, Default>> = async (
    app,
    pluginOptions
  ) => {
    const options = readOptions(pluginOptions)
    const checker = createScheme(options)
    const scheme = checker as Verifier<Input>
    const settings = readCommonOptions(pluginOptions, {
      vendor: name,
      decorator: definition.decorator ?? camelCase(name),
      published: definition.keys?.published ?? [],
      unknownSecret: definition.keys?.unknown,
      readKey: scheme.readKey?.bind(scheme),
      replay: definition.replay,
      saysFailure: definition.saysFailure,
      defaultTolerance,
      window: definition.window?.(options)
    })
    const { keys, now } = settings

    const context: VendorContext<Input, ValuesOf<Kinds>, Checker> = {
      app,
      as: settings.as,
      options,
      scheme: checker,
      keys,
      window: settings.window,
      now,
      guardHook: check => createGuardHook(settings, check),
      warnIfPerProcess: (store, contents) => warnOfSiblings(app, settings, store, contents),
      async sign (input, request) {
        const { secret, parsed } = await signingKey(keys, now(), request)
        return signerOf(scheme).sign(input, secret, parsed)
      }
    }
    const diagnosis = definition.diagnosis?.(options)
    const guards = definition.guards?.(context) ?? {} as Guards

    const decorator = {
      scheme: checker,
      schemas,
      verify: createVerify<Input>({
        settings,
        scheme,
        read: request => definition.read(request, context),
        accepted: accepted && ((request, received) => accepted(request, received, context)),
        handshake: definition.handshake?.(context),
        explainLater: diagnosis && createExplainLog(settings, scheme, diagnosis)
      }),
      async verifyInput (input: Input, signature: string, request?: FastifyRequest) {
        const validKeys = await keys.at(now(), request)
        return matchingKey(scheme, { input, signature }, validKeys.keys)?.id ?? null
      },
      signInput: context.sign,
      failureReply (error: unknown) {
        const { status, headers, body } = failureReply(failure, error)
        return { status, headers, body }
      },
      ...definition.functions?.(context),
      ...Object.fromEntries(Object.entries(guards).map(([hook, guard]) => [hook, guard.hook]))
    } as Decorator

    installVendor(app, {
      settings,
      scheme,
      sample,
      decorator,
      guards: [
        { name: 'verify', hook: decorator.verify, readsBody, afterValidation },
        ...Object.entries(guards).map(([name, guard]) => ({ ...guard, name, afterValidation }))
      ],
      replyTo: failure,
      bodyLimit: definition.bodyLimit,
      describe: definition.openapi?.(context)
    })
  }

  const { diagnosis } = definition
  const vendor: Vendor<Kinds, Checker> = {
    name,
    options: ownOptions,
    tolerance: defaultTolerance,
    refusesCopies: definition.replay === 'on',
    scheme: options => createScheme(readOptions(options)),
    ...diagnosis && { diagnosis: (options?: object) => diagnosis(readOptions(options)) }
  }
  return Object.assign(fp(plugin, { fastify: '5.x', name: definition.plugin ?? name }), { vendor })
}

/**
 * For callers without types: a policy that nobody knows would switch the replay check off.
 * @throws {TypeError} naming the field
 */
function assertDefinition ({ name, scheme, read, replay = 'off' }: {
  readonly name: unknown,
  readonly scheme: unknown,
  readonly read: unknown,
  readonly replay?: unknown
}): void {
  const refuse = (field: string, rule: string): never => {
    throw new TypeError(`defineVendor: "${field}" must be ${rule}`)
  }
  if (typeof name !== 'string' || !/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) {
    refuse('name', 'text in kebab case, such as my-vendor')
  }
  if (typeof scheme !== 'function' && typeof (scheme as Verifier<never>)?.verify !== 'function') {
    refuse('scheme', 'a scheme, or a function that makes one')
  }
  if (!isSynchronous(scheme)) refuse('scheme', 'a function that returns the scheme at once')
  if (!isSynchronous((scheme as Partial<Verifier<never>>).verify)) {
    refuse('scheme', 'a scheme whose verify returns true or false at once')
  }
  if (typeof read !== 'function') refuse('read', 'a function of the request')
  if (!isSynchronous(read)) refuse('read', 'a function that returns the parts at once')
  if (replay !== 'on' && replay !== 'off' && replay !== 'never') {
    refuse('replay', '"on", "off" or "never"')
  }
}

/** False for what is declared with `async`. The rest is found when it is called. */
function isSynchronous (value: unknown): boolean {
  return Object.prototype.toString.call(value) !== '[object AsyncFunction]'
}

function camelCase (name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function signerOf<Input> (scheme: Verifier<Input>): Scheme<Input> {
  if (!('sign' in scheme)) throw new TypeError(`only ${scheme.name} itself can sign`)
  return scheme as Scheme<Input>
}
