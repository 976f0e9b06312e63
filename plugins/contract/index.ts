export type { ContractCase } from './case.ts'
export {
  pluginContract,
  type ContractOptions,
  type PluginContract,
  type Signing
} from './plugin.ts'
export type { ContractRequest, Part } from './request.ts'
export { schemeContract, type ContractVector, type SchemeContract, type Witness } from './scheme.ts'
