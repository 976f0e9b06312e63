import { contipleSuite } from '../simulators/contiple/faults.ts'
import { huaweiAiccSuite } from '../simulators/huawei-aicc/faults.ts'
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
    url: target, key: config.CONTIPLE_KEY, caller: config.LAB_CALLER, now: ticking(now), ...oldKey(config)
  }),
  'huawei-aicc': ({ config, target, now }) => prepared(huaweiAiccSuite, {
    url: target,
    secret: config.AICC_SECRET,
    duplicates: config.LAB_AICC_DUPLICATES as Expected,
    now: ticking(now),
    ...config.LAB_AICC_CONNECTED_URL !== '' && { connectedUrl: config.LAB_AICC_CONNECTED_URL },
    ...config.LAB_OLD_KEY !== '' && { oldSecret: config.LAB_OLD_KEY }
  })
}

export const checkedVendors: readonly string[] = Object.keys(runs)

/** @throws {UsageError} for a vendor that is none */
export function createRun (vendor: string, options: RunOptions): Run {
  const create = Object.hasOwn(runs, vendor) ? runs[vendor] : undefined
  if (create === undefined) throw new UsageError(`--vendor must be one of ${checkedVendors.join(', ')}`)
  return create(options)
}

function oldKey ({ LAB_OLD_KEY: key }: LabConfig): { oldKey?: string } {
  return key === '' ? {} : { oldKey: key }
}
