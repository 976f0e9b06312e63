/** What tests the plugins in one process, quick and telling ones first. */
export const folders = [
  'test/oracle-csc', 'test/contiple', 'test/online-contact', 'test/itx-chat', 'test/huawei-aicc', 'test/kit', 'test/contract.test.ts', 'test/explain.test.ts', 'test/properties.test.ts'
]

/** Tests, by the beginning of their names, that start processes or wait for real time. */
export const left = ['two processes that share Redis', 'Redis stopped in mid-run']
