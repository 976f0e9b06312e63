/**
 * The tests for mutants, fast and effective ones first, in one process. MUTATION_TESTS limits them,
 * to check a few mutants again.
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

/** Name prefixes of tests that start processes or wait in real time. */
export const skippedPrefixes = [
  'two processes that share Redis',
  'Redis stops during a run'
]
