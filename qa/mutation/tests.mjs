/**
 * What tests the plugins in one process, quick and telling ones first. MUTATION_TESTS narrows it to
 * look at a few mutants again.
 */
export const folders = process.env.MUTATION_TESTS?.split(',') ?? [
  'test/oracle-csc',
  'test/contiple',
  'test/online-contact',
  'test/itx-chat',
  'test/huawei-aicc',
  'test/genesys-audiohook',
  'test/twilio',
  'test/webhooks.test.ts',
  'test/kit',
  'test/contract.test.ts',
  'test/contract/broken.test.ts',
  'test/edges.test.ts',
  'test/explain.test.ts',
  'test/properties.test.ts'
]

/** Tests, by the beginning of their names, that start processes or wait for real time. */
export const left = [
  'two processes that share Redis',
  'Redis stops during a run'
]
