/**
 * Keys for `npm start`, where simulators on loopback play the vendors. They are public, and `npm
 * run start:service` refuses them.
 */
export const demoSecrets = {
  ORACLE_CSC_KEY: 'demo-oracle-csc-key-0001',
  CONTIPLE_KEY: 'demo-contiple-key-000001',
  ONLINE_CONTACT_KEY: 'demo-online-contact-key1',
  ITX_SECRET: 'demo-itx-chat-secret-001',
  AICC_SECRET: 'demo-huawei-aicc-secret1',
  AICC_ACCESS_TOKEN: 'demo-huawei-aicc-token-1',
  AICC_GATE: 'demo-huawei-aicc-gate-01',
  WHATSAPP_APP_SECRET: 'demo-whatsapp-secret-001',
  WHATSAPP_VERIFY_TOKEN: 'demo-whatsapp-verify-001',
  WHATSAPP_ACCESS_TOKEN: 'demo-whatsapp-token-0001',
  LINE_CHANNEL_SECRET: 'demo-line-channel-secret',
  LINE_CHANNEL_ACCESS_TOKEN: 'demo-line-access-token-1',
  TWILIO_AUTH_TOKEN: 'demo-twilio-auth-token-1'
} as const

/** Replaces AICC_ACCESS_TOKEN, which is optional. */
export const demoApp = {
  AICC_APP_KEY: 'demo-huawei-app-key',
  AICC_APP_SECRET: 'demo-huawei-app-secret-1'
} as const
