import { contipleSuite } from '../simulators/contiple/faults.ts'
import { huaweiAiccSuite } from '../simulators/huawei-aicc/faults.ts'
import { itxChatSuite } from '../simulators/itx-chat/faults.ts'
import { onlineContactSuite } from '../simulators/online-contact/faults.ts'
import { oracleCscSuite } from '../simulators/oracle-csc/faults.ts'
import { type Expected, type Finding, runFault, type Suite, ticking } from '../simulators/shared/faults.ts'
import { type LabConfig, UsageError } from './settings.ts'

/** A vendor's conformance run, ready for one target. */
export interface Run {
  readonly faults: ReadonlyArray<{ readonly name: string }>
  run (name: string): Promise<Finding>
}

export interface RunOptions {
  readonly config: LabConfig
  readonly target: string
  readonly now: () => number
}

function prepared<Bench> (suite: Suite<Bench>, bench: Bench): Run {
  return {
    faults: suite.faults,
    async run (name) {
      const fault = suite.faults.find(one => one.name === name)
      if (fault === undefined) throw new UsageError(`there is no case "${name}"`)
      return await runFault(suite, fault, bench)
    }
  }
}

const runs: Record<string, (options: RunOptions) => Run> = {
  contiple: ({ config, target, now }) => prepared(contipleSuite, {
    url: target, key: config.CONTIPLE_KEY, caller: config.LAB_CALLER, now: ticking(now), ...set({ oldKey: config.LAB_OLD_KEY })
  }),
  'huawei-aicc': ({ config, target, now }) => prepared(huaweiAiccSuite, {
    url: target,
    secret: config.AICC_SECRET,
    duplicates: config.LAB_AICC_DUPLICATES as Expected,
    now: ticking(now),
    ...set({ connectedUrl: config.LAB_AICC_CONNECTED_URL, oldSecret: config.LAB_OLD_KEY })
  }),
  'online-contact': ({ config, target, now }) => prepared(onlineContactSuite, {
    loginUrl: target,
    statusUrl: config.LAB_MEMBER_STATUS_URL,
    verifyTokenUrl: config.LAB_MEMBER_VERIFY_TOKEN_URL,
    key: config.ONLINE_CONTACT_KEY,
    service: config.ONLINE_CONTACT_SERVICE,
    origin: config.LAB_ONLINE_CONTACT_ORIGIN,
    now,
    ...set({ linkUrl: config.LAB_MEMBER_LINK_URL, cookie: config.LAB_COOKIE, oldKey: config.LAB_OLD_KEY })
  }),
  'itx-chat': ({ config, target }) => prepared(itxChatSuite, {
    url: target, method: config.LAB_METHOD as 'GET' | 'POST', secret: config.ITX_SECRET, ...set({ cookie: config.LAB_COOKIE, oldSecret: config.LAB_OLD_KEY })
  }),
  'oracle-csc': ({ config, target }) => prepared(oracleCscSuite, {
    url: target,
    method: config.LAB_METHOD as 'GET' | 'POST',
    key: config.ORACLE_CSC_KEY,
    checkCallId: config.LAB_CSC_CHECK_CALL_ID === 'on',
    ...set({ cookie: config.LAB_COOKIE, oldKey: config.LAB_OLD_KEY })
  })
}

export const checkedVendors: readonly string[] = Object.keys(runs)

/** @throws {UsageError} for a vendor that is none */
export function createRun (vendor: string, options: RunOptions): Run {
  const create = Object.hasOwn(runs, vendor) ? runs[vendor] : undefined
  if (create === undefined) throw new UsageError(`--vendor must be one of ${checkedVendors.join(', ')}`)
  return create(options)
}

/** Those that are not empty: an empty setting is one that was not set. */
function set<Name extends string> (settings: Record<Name, string>): { [Key in Name]?: string } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== '')) as { [Key in Name]?: string }
}
