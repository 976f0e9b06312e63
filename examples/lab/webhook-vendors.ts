// The lab's data on vendors that send signed webhooks.

export interface WebhookVendor {
  /** A publicly known key in the vendor's format. */
  readonly key: string
  /** The signature header. */
  readonly header: string
  /** The other required headers, by their name in the cases. */
  readonly parts: Readonly<Record<string, string>>
  /** The signed content, shown if a service refuses valid requests. */
  readonly formula: string
  /** A realistic body, for services that validate bodies against a schema. */
  readonly body: string
}

const number = '+821012345678'
const toJson = (value: object): string => JSON.stringify(value)

export const webhookVendors = {
  zoom: {
    key: 'lab-zoom-secret-token-01',
    header: 'x-zm-signature',
    parts: { timestamp: 'x-zm-request-timestamp' },
    formula: 'v0= and hex(HMAC-SHA256(key, "v0:" + timestamp + ":" + body))',
    body: toJson({
      event: 'contact_center.engagement_started',
      event_ts: 1660095873001,
      payload: {
        account_id: 'lab-account',
        object: { engagement_id: 'lab-1', channel: 'voice', consumer_number: number }
      }
    })
  },
  whatsapp: {
    key: '0123456789abcdef0123456789abcd01',
    header: 'x-hub-signature-256',
    parts: {},
    formula: 'sha256= and hex(HMAC-SHA256(key, body))',
    body: toJson({
      object: 'whatsapp_business_account',
      entry: [{
        id: '102290129340398',
        changes: [{
          field: 'messages',
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '821012345678', phone_number_id: '106540352242922' },
            messages: [{
              id: 'wamid.LAB1',
              from: '4740612345',
              timestamp: '1660095873',
              type: 'text',
              text: { body: 'Hello' }
            }]
          }
        }]
      }]
    })
  },
  line: {
    key: '0123456789abcdef0123456789abcd02',
    header: 'x-line-signature',
    parts: {},
    formula: 'base64(HMAC-SHA256(key, body))',
    body: toJson({
      destination: `U${'0'.repeat(32)}`,
      events: [{
        type: 'message',
        webhookEventId: '01FZ74A0TDDPYRVKNK77XKC3ZR',
        timestamp: 1660095873001,
        mode: 'active',
        deliveryContext: { isRedelivery: false },
        source: { type: 'user', userId: `U${'1'.repeat(32)}` },
        message: { id: '468789577898262530', type: 'text', text: 'Hello' }
      }]
    })
  },
  'standard-webhooks': {
    key: `whsec_${Buffer.from('lab-standard-webhooks-key-000001').toString('base64')}`,
    header: 'webhook-signature',
    parts: { timestamp: 'webhook-timestamp', id: 'webhook-id' },
    formula: 'v1, and base64(HMAC-SHA256(decoded key, id + "." + timestamp + "." + body))',
    body: toJson({
      type: 'call.started',
      timestamp: '2022-08-10T01:44:33.001Z',
      data: { from: number }
    })
  },
  telnyx: {
    key: 'MC4CAQAwBQYDK2VwBCIEIGxhYi10ZWxueXgtcHJpdmF0ZS1rZXktMDAwMDAwMDAx',
    header: 'telnyx-signature-ed25519',
    parts: { timestamp: 'telnyx-timestamp' },
    formula: 'base64(Ed25519(private key, timestamp + "|" + body))',
    body: toJson({
      data: {
        record_type: 'event',
        event_type: 'call.initiated',
        id: '0ccc7b54-4df3-4bca-a65a-3da1ecc777f0',
        occurred_at: '2022-08-10T01:44:33.001Z',
        payload: {
          call_control_id: 'v2:lab',
          call_leg_id: '428c31b6-7af4-4bcb-b7f5-5013ef9657c1',
          call_session_id: '428c31b6-abf3-3bc1-b7f4-5013ef9657c1',
          connection_id: '7267xxxxxxxxxxxxxx',
          direction: 'incoming',
          from: number,
          to: '+4740612345',
          state: 'parked'
        }
      }
    })
  },
  vonage: {
    key: 'lab-vonage-signature-secret-0001',
    header: 'authorization',
    parts: {},
    formula: 'a JSON Web Token (HS256) with the claim payload_hash = hex(SHA256(body))',
    body: toJson({
      uuid: '63f61863-4a51-4f6b-86e1-46edebcf9356',
      conversation_uuid: 'CON-63f61863-4a51-4f6b-86e1-46edebcf9356',
      status: 'answered',
      direction: 'inbound',
      from: '821012345678',
      to: '4740612345',
      timestamp: '2022-08-10T01:44:33.001Z'
    })
  },
  twilio: {
    key: '0123456789abcdef0123456789abcd03',
    header: 'x-twilio-signature',
    parts: {},
    formula:
      'base64(HMAC-SHA1(key, public URL + name and value of each field, sorted by name)): see LAB_PUBLIC_URL',
    body: new URLSearchParams({
      CallSid: `CA${'0'.repeat(32)}`,
      AccountSid: `AC${'0'.repeat(32)}`,
      From: number,
      To: '+4740612345',
      CallStatus: 'ringing',
      ApiVersion: '2010-04-01',
      Direction: 'inbound'
    }).toString()
  },
  zendesk: {
    key: 'lab-zendesk-signing-secret-000001',
    header: 'x-zendesk-webhook-signature',
    parts: { timestamp: 'x-zendesk-webhook-signature-timestamp' },
    formula: 'base64(HMAC-SHA256(key, timestamp + body))',
    body: toJson({
      type: 'zen:event-type:ticket.created',
      account_id: 12514403,
      id: '01GX79ST1QX01C889XV42S2J5T',
      time: '2022-08-10T01:44:33Z',
      zendesk_event_version: '2022-11-06',
      subject: 'zen:ticket:35436',
      detail: { id: '35436', status: 'NEW', subject: 'Call me' },
      event: {}
    })
  },
  intercom: {
    key: '0123456789abcdef0123456789abcd04',
    header: 'x-hub-signature',
    parts: {},
    formula: 'sha1= and hex(HMAC-SHA1(key, body))',
    body: toJson({
      type: 'notification_event',
      app_id: 'a86dr8yl',
      id: 'notif_78c122d0-23ba-11e4-9464-79b01267cc2e',
      topic: 'conversation.user.created',
      created_at: 1660095873,
      delivery_attempts: 1,
      data: {
        type: 'notification_event_data',
        item: {
          type: 'conversation',
          id: '215469538',
          state: 'open',
          source: { type: 'conversation', body: 'Call me' }
        }
      }
    })
  },
  'genesys-audiohook': {
    key: Buffer.from('lab-audiohook-client-secret-0001').toString('base64'),
    header: 'signature',
    parts: { input: 'signature-input', 'api-key': 'x-api-key' },
    formula:
      'an HTTP message signature over the components of Signature-Input: see LAB_PUBLIC_URL for another host or path',
    body: ''
  }
} as const satisfies Record<string, WebhookVendor>

export type WebhookVendorName = keyof typeof webhookVendors

export const webhookVendorNames = Object.keys(webhookVendors) as WebhookVendorName[]
