import type { FastifyInstance } from 'fastify'
import { contipleSimulator } from '../simulators/contiple/app.ts'
import { contipleBench } from '../simulators/contiple/bench.ts'
import { contipleSuite } from '../simulators/contiple/faults.ts'
import { contipleSettings } from '../simulators/contiple/settings.ts'
import { huaweiAiccSimulator } from '../simulators/huawei-aicc/app.ts'
import { huaweiAiccBench } from '../simulators/huawei-aicc/bench.ts'
import { huaweiAiccSuite } from '../simulators/huawei-aicc/faults.ts'
import { huaweiAiccSettings } from '../simulators/huawei-aicc/settings.ts'
import { itxChatSimulator } from '../simulators/itx-chat/app.ts'
import { itxChatBench } from '../simulators/itx-chat/bench.ts'
import { itxChatSuite } from '../simulators/itx-chat/faults.ts'
import { itxChatSettings } from '../simulators/itx-chat/settings.ts'
import { onlineContactSimulator } from '../simulators/online-contact/app.ts'
import { onlineContactBench } from '../simulators/online-contact/bench.ts'
import { onlineContactSuite } from '../simulators/online-contact/faults.ts'
import { onlineContactSettings } from '../simulators/online-contact/settings.ts'
import { oracleCscSimulator } from '../simulators/oracle-csc/app.ts'
import { oracleCscBench } from '../simulators/oracle-csc/bench.ts'
import { oracleCscSuite } from '../simulators/oracle-csc/faults.ts'
import { oracleCscSettings } from '../simulators/oracle-csc/settings.ts'
import { type Finding, runFault, type Suite } from '../simulators/shared/faults.ts'
import type { Settings, ValuesOf } from '../simulators/shared/settings.ts'

/** A vendor in the lab. Settings are text, keyed by the vendor's field names. */
export interface LabVendor {
  readonly fields: Settings
  /** The field that `--target` sets. */
  readonly target: string
  readonly cases: readonly string[]
  /** Creates the simulator without starting it. `url`: its address, if known. */
  create(values: Record<string, string>, url: string | undefined): Promise<FastifyInstance>
  /** Runs one case against the configured service; undefined if no case has this name. */
  run(values: Record<string, string>, name: string, now: () => number): Promise<Finding | undefined>
}

interface Parts<Fields extends Settings, Bench> {
  readonly fields: Fields
  readonly target: keyof Fields & string
  readonly suite: Suite<Bench>
  readonly bench: (values: ValuesOf<Fields>, now: () => number) => Bench
  readonly create: (options: ValuesOf<Fields> & { url?: string }) => Promise<FastifyInstance>
}

function defineLabVendor<Fields extends Settings, Bench> (
  { fields, target, suite, bench, create }: Parts<Fields, Bench>
): LabVendor {
  return {
    fields,
    target,
    cases: suite.faults.map(({ name }) => name),
    create: async (values, url) =>
      await create({ ...values as ValuesOf<Fields>, ...url !== undefined && { url } }),
    async run (values, name, now) {
      const fault = suite.faults.find(candidate => candidate.name === name)
      return fault && await runFault(suite, fault, bench(values as ValuesOf<Fields>, now))
    }
  }
}

/** By name, in port order. */
export const labVendors: Readonly<Record<string, LabVendor>> = {
  'oracle-csc': defineLabVendor({
    fields: oracleCscSettings,
    target: 'targetUrl',
    suite: oracleCscSuite,
    bench: oracleCscBench,
    create: oracleCscSimulator
  }),
  contiple: defineLabVendor({
    fields: contipleSettings,
    target: 'lookupUrl',
    suite: contipleSuite,
    bench: contipleBench,
    create: contipleSimulator
  }),
  'online-contact': defineLabVendor({
    fields: onlineContactSettings,
    target: 'loginUrl',
    suite: onlineContactSuite,
    bench: onlineContactBench,
    create: onlineContactSimulator
  }),
  'itx-chat': defineLabVendor({
    fields: itxChatSettings,
    target: 'sessionUrl',
    suite: itxChatSuite,
    bench: itxChatBench,
    create: itxChatSimulator
  }),
  'huawei-aicc': defineLabVendor({
    fields: huaweiAiccSettings,
    target: 'releasedUrl',
    suite: huaweiAiccSuite,
    bench: huaweiAiccBench,
    create: huaweiAiccSimulator
  })
}
