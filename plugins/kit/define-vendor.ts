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
import type { DescribeRoute } from './route/open-api.ts'
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

// So that declarations tell of `request.verification`: they leave out what only code imports.
export type {} from './route/install.ts'

/** What a scheme signs. */
export type InputOf<Checker> = Checker extends
  { message(input: infer Input, secret: string): unknown } ? Input :
  never

/** A verifier of whatever input. */
export type AnyVerifier = Verifier<never>

/** What a vendor's own functions work with. */
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
   * Signs with the newest valid key. Looked-up keys need the request.
   * @throws {InputError} on an input that cannot be signed safely
   * @throws {KeysUnavailable} when no key is valid
   * @throws {TypeError} for a vendor whose signatures only the vendor can make
   */
  sign(input: Input, request?: FastifyRequest): Promise<string>
  /**
   * Makes the hook of a guard. `check` throws unless the request may pass; what it throws is
   * published as an outcome, and answered in the vendor's shape.
   */
  guardHook(check: (request: FastifyRequest) => MaybePromise<void>): VerifyHook
  /**
   * Warns at boot where other processes are likely that do not see what the store holds. `what`
   * names it, in the plural.
   */
  warnIfPerProcess(store: { readonly perProcess?: boolean }, what: string): void
}

/** A further guard of a vendor, for requests that its signature does not cover. */
export interface Guard {
  /** What the context's `guardHook` made: throws unless the request may pass. */
  readonly hook: VerifyHook
  /** Whether it reads the body, and so needs it captured. */
  readonly readsBody: boolean
  /** Refuses, at boot, a route on which the hook cannot work. */
  readonly assertRoute?: (route: RouteOptions) => void
}

/** Everything that the kit needs to know of a vendor. */
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
  /** The vendor's own options: type, default and check of each in one place. */
  readonly options: Kinds
  /** What is known of the vendor's keys. */
  readonly keys?: {
    /** Secrets printed in the vendor's documentation: everybody knows them. */
    readonly published?: readonly string[],
    /** A secret of the vendor's form that nobody holds. Default: random bytes in base64. */
    readonly unknown?: () => string
  }
  /**
   * How far a signed time may lie from now, in milliseconds: the default of the option
   * `tolerance`. Without it, and without `window`, no time is looked at.
   */
  readonly tolerance?: Default
  /** The same where the vendor's own options decide about it. */
  readonly window?: (options: ValuesOf<NoInfer<Kinds>>) => Tolerance | undefined
  /** Whether accepted requests are remembered. Default `off`: only where the option says so. */
  readonly replay?: ReplayPolicy
  /**
   * Whether a reply below status 400 is the vendor's own way to say failure: its request may then
   * come again. `payload` is the body on the wire. Default: the status alone counts.
   */
  readonly saysFailure?: SaysFailure
  /** Makes the scheme from the vendor's own options. */
  readonly scheme: (options: ValuesOf<NoInfer<Kinds>>) => Checker
  /** An input that can be signed: each configured key signs and verifies it at boot. */
  readonly sample?: InputOf<NoInfer<Checker>>
  /** How wrong clients sign, for the option `explain` and the command line. */
  readonly diagnosis?: (options: ValuesOf<NoInfer<Kinds>>) => Diagnosis<InputOf<NoInfer<Checker>>>
  /** Whether the signature covers the body, which is then captured. */
  readonly readsBody: boolean
  /** Most bytes of a body on signed routes that say nothing themselves. Default 65536. */
  readonly bodyLimit?: number
  /** Reads the parts off a request; throws the kit's errors. */
  readonly read: (
    request: FastifyRequest,
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => Read
  /** Runs last, once the request is known to be authentic and new. */
  readonly accepted?: (
    request: FastifyRequest,
    received: Received<InputOf<NoInfer<Checker>>>,
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => MaybePromise<void>
  /**
   * Runs after validation on each route with a guard: for what a schema may have made of the body.
   */
  readonly afterValidation?: (request: FastifyRequest) => void
  /** How the vendor's handshake is answered in place of the handler. */
  readonly handshake?: (
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => Handshake<InputOf<NoInfer<Checker>>>
  /** Further guards, by the name that each has on the decorator. */
  readonly guards?: (
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => Guards
  /**
   * A failure as the vendor reads it: its statuses, its shape. Default: Fastify's own, for vendors
   * that look at nothing but the status.
   */
  readonly failure?: (failure: Failure) => FailureReply
  /** Describes a signed route for OpenAPI documents. */
  readonly openapi?: (
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => DescribeRoute
  /** The TypeBox schemas, on the decorator as `schemas`. */
  readonly schemas: Schemas
  /** What else the decorator has, such as `sign`. */
  readonly functions: (
    context: VendorContext<InputOf<NoInfer<Checker>>, ValuesOf<NoInfer<Kinds>>, NoInfer<Checker>>
  ) => Functions
}

/** What every vendor's decorator has. */
export interface VendorDecorator<Checker extends AnyVerifier, Schemas> {
  /**
   * Hook for `preValidation` (or `preHandler`), and for `@fastify/auth`: throws unless the request
   * is the vendor's. Also an async function of the request.
   */
  verify: VerifyHook
  /**
   * The id of the key that made the signature, or null. Looks at neither time nor replay. Looked-up
   * keys need the request. Throws {@link InputError} for input that the scheme refuses.
   */
  verifyInput(
    input: InputOf<Checker>,
    signature: string,
    request?: FastifyRequest
  ): Promise<string | null>
  /**
   * A failure as the vendor's side is to be told of it: for error handlers and filters of other
   * frameworks, which answer in place of Fastify.
   */
  failureReply(
    error: unknown
  ): { status: number, headers: Record<string, string>, body: unknown }
  /** The scheme with the options of this registration. */
  readonly scheme: Checker
  /** The TypeBox schemas of the vendor's bodies and replies. */
  readonly schemas: Schemas
}

/** The plugin of a vendor, and what tools need to know of it. */
export interface VendorPlugin<
  Kinds extends OptionKinds,
  Checker extends AnyVerifier,
  Decorator,
  Default,
  Verified
> extends FastifyPluginAsync<VendorOptions<Kinds, Decorator, Default>> {
  readonly vendor: Vendor<Kinds, Checker>
  /** Never set: the types of the decorator, and of `request.verification` behind `verify`. */
  readonly types?: { readonly decorator: Decorator, readonly verification: Verified }
}

/** A vendor as the command line, the lab and the contract suite use it. */
export interface Vendor<Kinds extends OptionKinds, Checker extends AnyVerifier> {
  readonly name: string
  readonly options: Kinds
  /** How old a request may be by default, and how far ahead; undefined where no time is signed. */
  readonly tolerance: Tolerance | undefined
  /** Whether a copy is refused by default. */
  readonly refusesCopies: boolean
  /** The scheme with these options, or with the defaults. */
  scheme(options?: OptionsOf<Kinds>): Checker
  diagnosis?(options?: OptionsOf<Kinds>): Diagnosis<InputOf<Checker>>
}

/** The options of a vendor's plugin: its own, and those that every one has. */
export type VendorOptions<Kinds, Decorator, Default> =
  & OptionsOf<Kinds>
  & CommonOptions
  & DecoratorNameOption<Decorator>
  & (Default extends Tolerance ? WindowOption : RememberOption)

/** The hooks of a vendor's further guards, by name. */
export type HooksOf<Guards> = [keyof Guards] extends [never] ? unknown :
  { readonly [Hook in keyof Guards]: VerifyHook }

/** The options of a plugin that `defineVendor` made. */
export type OptionsOfVendor<Plugin> = Plugin extends FastifyPluginAsync<infer Options> ? Options :
  never

/** The decorator of a plugin that `defineVendor` made. */
export type DecoratorOf<Plugin> = Plugin extends
  { readonly types?: { readonly decorator: infer Decorator } } ? Decorator : never

/** What `request.verification` is behind the `verify` of a plugin that `defineVendor` made. */
export type VerificationOf<Plugin> = Plugin extends
  { readonly types?: { readonly verification: infer Verified } } ? Verified : never

/** A verification with what this vendor's requests always have. */
export type VerificationFor<Name, Read> =
  & Verification
  & { readonly scheme: Name }
  & (Read extends { readonly timestamp: string } ? { readonly signedAt: number } : unknown)
  & (Read extends { readonly nonce: string } ? { readonly nonce: string } : unknown)

/**
 * Makes the Fastify plugin of a vendor from one value. It is the one way in, for the vendors of
 * this package and for those from outside.
 */
export function defineVendor<
  const Name extends string,
  Kinds extends OptionKinds,
  Checker extends AnyVerifier,
  Read extends Received<InputOf<NoInfer<Checker>>>,
  Schemas extends object,
  Functions extends object,
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

  const { name, schemas, readsBody, sample, accepted, afterValidation } = definition
  const { options: own, tolerance: defaultTolerance, failure = plainFailure } = definition
  const valuesOf = (given: object = {}): ValuesOf<Kinds> =>
    readOwnOptions(given, own, { vendor: name, defaultTolerance })

  const plugin: FastifyPluginAsync<VendorOptions<Kinds, Decorator, Default>> = async (
    app,
    given
  ) => {
    const options = valuesOf(given)
    const checker = definition.scheme(options)
    const scheme = checker as Verifier<Input>
    const settings = readCommonOptions(given, {
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
      warnIfPerProcess: (store, what) => warnOfSiblings(app, settings, store, what),
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
        const valid = await keys.at(now(), request)
        return matchingKey(scheme, { input, signature }, valid.keys)?.id ?? null
      },
      failureReply (error: unknown) {
        const { status, headers, body } = failureReply(failure, error)
        return { status, headers, body }
      },
      ...definition.functions(context),
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
    options: own,
    tolerance: defaultTolerance,
    refusesCopies: definition.replay === 'on',
    scheme: given => definition.scheme(valuesOf(given)),
    ...diagnosis && { diagnosis: (given?: object) => diagnosis(valuesOf(given)) }
  }
  return Object.assign(fp(plugin, { fastify: '5.x', name: definition.plugin ?? name }), { vendor })
}

function camelCase (name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function signerOf<Input> (scheme: Verifier<Input>): Scheme<Input> {
  if (!('sign' in scheme)) throw new TypeError(`only ${scheme.name} itself can sign`)
  return scheme as Scheme<Input>
}
