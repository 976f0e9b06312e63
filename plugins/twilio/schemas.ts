import { type Static, Type } from '@sinclair/typebox'

// Twilio adds fields without notice, and sends every value as text.
const text = (description?: string) =>
  Type.Optional(Type.String(description === undefined ? {} : { description }))

const call = {
  CallSid: Type.String({ description: 'The id of the call, the same in each request about it' }),
  AccountSid: Type.String(),
  From: Type.String({ description: 'E.164, `client:…` or a SIP address; `anonymous` is possible' }),
  To: Type.String(),
  CallStatus: Type.String({
    description:
      '`queued`, `initiated`, `ringing`, `in-progress`, `completed`, `busy`, `failed`, `no-answer` or `canceled`'
  }),
  Direction: text('`inbound`, `outbound-api` or `outbound-dial`'),
  ApiVersion: text(),
  ForwardedFrom: text(),
  ParentCallSid: text()
}

/** Voice: an incoming call, for which Twilio asks for TwiML. */
export const TwilioVoiceCall = Type.Object({
  ...call,
  CallerName: text('With caller id look-up'),
  Digits: text('What was pressed, in a request of `<Gather>`'),
  SpeechResult: text('What was said, in a request of `<Gather>`'),
  StirVerstat: text()
})
export type TwilioVoiceCall = Static<typeof TwilioVoiceCall>

/** Voice: the status of a call. */
export const TwilioCallStatus = Type.Object({
  ...call,
  CallDuration: text('Seconds, once it is `completed`'),
  Timestamp: text('RFC 2822'),
  SequenceNumber: text('The order of the events, from 0'),
  CallbackSource: text(),
  RecordingUrl: text(),
  RecordingSid: text(),
  SipResponseCode: text()
})
export type TwilioCallStatus = Static<typeof TwilioCallStatus>

const message = {
  MessageSid: Type.String({
    description: 'The id of the message, the same in each request about it'
  }),
  AccountSid: Type.String(),
  MessagingServiceSid: text(),
  From: text('E.164, or with the channel: `whatsapp:+…`'),
  To: Type.String(),
  ApiVersion: text()
}

/** Messaging: a message from a customer, for which Twilio asks for TwiML. */
export const TwilioIncomingMessage = Type.Object({
  ...message,
  Body: Type.String(),
  NumMedia: text('How many there are of `MediaUrl0`, `MediaUrl1`, …'),
  NumSegments: text(),
  MediaUrl0: text(),
  MediaContentType0: text(),
  ProfileName: text("The customer's, on WhatsApp"),
  WaId: text(),
  OptOutType: text('`STOP`, `START` or `HELP`')
})
export type TwilioIncomingMessage = Static<typeof TwilioIncomingMessage>

/** Messaging: the delivery status of a message that we sent. */
export const TwilioMessageStatus = Type.Object({
  ...message,
  MessageStatus: Type.String({
    description: '`queued`, `sending`, `sent`, `delivered`, `undelivered`, `failed`, `read`, …'
  }),
  ErrorCode: text('Where it is `failed` or `undelivered`'),
  ErrorMessage: text()
})
export type TwilioMessageStatus = Static<typeof TwilioMessageStatus>

/** A reply: instructions for the call or the message. */
export const TwimlReplies = {
  200: {
    description: 'TwiML',
    content: { 'text/xml': { schema: Type.String({ description: 'A TwiML document' }) } }
  }
} as const
