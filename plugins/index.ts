/** Every vendor that the package knows, by the name of its subpath. */
export const vendors = [
  'oracle-csc',
  'contiple',
  'online-contact',
  'itx-chat',
  'huawei-aicc'
] as const

export type VendorName = typeof vendors[number]
