import { twiml } from 'fastify-contact-center/twilio'

/** Settings of the answers to Twilio. */
export interface TwimlOptions {
  /** The service's public URL, without a trailing slash. */
  readonly publicUrl: string
  /** A language of Twilio's `<Say>`, such as `ko-KR`. */
  readonly language: string
  readonly waiting: string
  readonly nobody: string
}

/** Seconds until Twilio requests the next instruction. */
const pauseSeconds = 2
/** Seconds for which the agent's telephone rings. */
const dialSeconds = 25

/** Makes the caller wait; the sentence is spoken once. */
export function createWait (
  { publicUrl, language, waiting }: TwimlOptions,
  isFirst: boolean
): string {
  const url = `${publicUrl}/twilio/voice`
  return isFirst
    ? twiml`<Response><Say language="${language}">${waiting}</Say><Pause length="${pauseSeconds}"/><Redirect method="POST">${url}</Redirect></Response>`
    : twiml`<Response><Pause length="${pauseSeconds}"/><Redirect method="POST">${url}</Redirect></Response>`
}

/** Connects the caller to the agent's telephone. */
export function createDial ({ publicUrl }: TwimlOptions, agentPhone: string): string {
  return twiml`<Response><Dial action="${publicUrl}/twilio/dialled" method="POST" timeout="${dialSeconds}"><Number>${agentPhone}</Number></Dial></Response>`
}

export function createApology ({ language, nobody }: TwimlOptions): string {
  return twiml`<Response><Say language="${language}">${nobody}</Say><Hangup/></Response>`
}

export function createHangUp (): string {
  return twiml`<Response><Hangup/></Response>`
}
