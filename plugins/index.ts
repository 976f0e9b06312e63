/** Every vendor that the package knows, by the name of its subpath. */
export const vendors = [
  'oracle-csc',
  'contiple',
  'online-contact',
  'itx-chat',
  'huawei-aicc',
  'zoom',
  'whatsapp',
  'line',
  'standard-webhooks',
  'telnyx',
  'vonage'
] as const

export type VendorName = typeof vendors[number]
