import { twiml } from 'fastify-contact-center/twilio'

/** What callers hear, and where Twilio asks again. */
export interface Answers {
  /** Where browsers and vendors reach this service, without a slash at its end. */
  readonly publicUrl: string
  /** A language of Twilio's `<Say>`, such as `ko-KR`. */
  readonly language: string
  readonly waiting: string
  readonly nobody: string
}

/** Seconds until Twilio asks whether an agent has accepted. */
const pauseSeconds = 2
/** Seconds for which the agent's telephone rings. */
const agentSeconds = 25

/** Lets the caller wait; the sentence is said once. */
export function wait ({ publicUrl, language, waiting }: Answers, isFirst: boolean): string {
  const url = `${publicUrl}/twilio/voice`
  return isFirst
    ? twiml`<Response><Say language="${language}">${waiting}</Say><Pause length="${pauseSeconds}"/><Redirect method="POST">${url}</Redirect></Response>`
    : twiml`<Response><Pause length="${pauseSeconds}"/><Redirect method="POST">${url}</Redirect></Response>`
}

/** Puts the caller through to the agent's telephone. */
export function connect ({ publicUrl }: Answers, agentPhone: string): string {
  return twiml`<Response><Dial action="${publicUrl}/twilio/dialled" method="POST" timeout="${agentSeconds}"><Number>${agentPhone}</Number></Dial></Response>`
}

export function apologise ({ language, nobody }: Answers): string {
  return twiml`<Response><Say language="${language}">${nobody}</Say><Hangup/></Response>`
}

export function hangUp (): string {
  return twiml`<Response><Hangup/></Response>`
}
