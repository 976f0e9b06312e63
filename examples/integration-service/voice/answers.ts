import { twiml } from 'fastify-contact-center/twilio'

/** Settings of the answers to Twilio. */
export interface Answers {
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
const agentSeconds = 25

/** Makes the caller wait; the sentence is spoken once. */
export function wait ({ publicUrl, language, waiting }: Answers, isFirst: boolean): string {
  const url = `${publicUrl}/twilio/voice`
  return isFirst
    ? twiml`<Response><Say language="${language}">${waiting}</Say><Pause length="${pauseSeconds}"/><Redirect method="POST">${url}</Redirect></Response>`
    : twiml`<Response><Pause length="${pauseSeconds}"/><Redirect method="POST">${url}</Redirect></Response>`
}

/** Connects the caller to the agent's telephone. */
export function connect ({ publicUrl }: Answers, agentPhone: string): string {
  return twiml`<Response><Dial action="${publicUrl}/twilio/dialled" method="POST" timeout="${agentSeconds}"><Number>${agentPhone}</Number></Dial></Response>`
}

export function apologise ({ language, nobody }: Answers): string {
  return twiml`<Response><Say language="${language}">${nobody}</Say><Hangup/></Response>`
}

export function hangUp (): string {
  return twiml`<Response><Hangup/></Response>`
}
