import { type Static, type TObject, type TProperties, Type } from '@sinclair/typebox'

const uuid = Type.String({ description: 'A UUID' })
const duration = Type.String({
  pattern: '^PT(?:[0-9]*\\.)?[0-9]+S$',
  description: 'Seconds: `PT1.5S`'
})
const sequence = Type.Integer({ minimum: 0 })
const text = Type.Optional(Type.String())

/** A message of either side. Unknown fields are accepted. */
function message<
  const Name extends string,
  Fields extends TProperties,
  Parameters extends TObject
> (
  type: Name,
  fields: Fields,
  parameters: Parameters
) {
  return Type.Object({
    version: Type.Literal('2'),
    id: Type.String({ description: "The session's" }),
    type: Type.Literal(type),
    seq: sequence,
    ...fields,
    parameters
  })
}

const ofClient = {
  serverseq: Type.Integer({ minimum: 0, description: 'The last `seq` of the server' }),
  position: duration
}
const ofServer = {
  clientseq: Type.Integer({ minimum: 0, description: 'The last `seq` of Genesys' })
}
const noParameters = Type.Object({})

/** An audio format: offered in `open`, chosen in `opened`. */
export const AudiohookMedia = Type.Object({
  type: Type.String({ description: '`audio`' }),
  format: Type.String({ description: '`PCMU` or `L16`' }),
  channels: Type.Array(
    Type.String({ description: '`external` is the customer, `internal` the agent' })
  ),
  rate: Type.Integer({ description: '8000' })
})
export type AudiohookMedia = Static<typeof AudiohookMedia>

/** Genesys opens a session. It sends audio once the server has answered `opened`. */
export const AudiohookOpen = message(
  'open',
  ofClient,
  Type.Object({
    organizationId: Type.String({ description: 'Must be that of the signed header' }),
    conversationId: uuid,
    participant: Type.Object({ id: uuid, ani: text, aniName: text, dnis: text }),
    media: Type.Array(AudiohookMedia),
    language: text,
    supportedLanguages: Type.Optional(Type.Boolean()),
    customConfig: Type.Optional(Type.Unknown()),
    continuedSessions: Type.Optional(
      Type.Array(Type.Object({ id: uuid, serverseq: sequence, clientseq: sequence }))
    )
  })
)
export type AudiohookOpen = Static<typeof AudiohookOpen>

/** Genesys ends the session and waits for `closed`. */
export const AudiohookClose = message(
  'close',
  ofClient,
  Type.Object({
    reason: Type.String({ description: '`end`, `error`, `disconnect` or `reconnect`' })
  })
)
export type AudiohookClose = Static<typeof AudiohookClose>

/** Genesys checks that the server is alive. The server answers `pong`. */
export const AudiohookPing = message(
  'ping',
  ofClient,
  Type.Object({ rtt: Type.Optional(duration) })
)
export type AudiohookPing = Static<typeof AudiohookPing>

/** Genesys dropped some of the audio. */
export const AudiohookDiscarded = message(
  'discarded',
  ofClient,
  Type.Object({
    start: duration,
    discarded: duration
  })
)
export type AudiohookDiscarded = Static<typeof AudiohookDiscarded>

/** An error at Genesys, or the server exceeded a rate limit. */
export const AudiohookError = message(
  'error',
  ofClient,
  Type.Object({
    code: Type.Integer({ description: 'An HTTP status: 400, 429, 500, …' }),
    message: Type.String(),
    retryAfter: Type.Optional(duration)
  })
)
export type AudiohookError = Static<typeof AudiohookError>

/** The audio pauses. */
export const AudiohookPaused = message('paused', ofClient, noParameters)
export type AudiohookPaused = Static<typeof AudiohookPaused>

/** The audio resumes. */
export const AudiohookResumed = message(
  'resumed',
  ofClient,
  Type.Object({
    start: duration,
    discarded: duration
  })
)
export type AudiohookResumed = Static<typeof AudiohookResumed>

/** The language has changed. */
export const AudiohookUpdate = message('update', ofClient, Type.Object({ language: text }))
export type AudiohookUpdate = Static<typeof AudiohookUpdate>

/** Any message of Genesys. */
export const AudiohookClientMessage = Type.Union([
  AudiohookOpen,
  AudiohookClose,
  AudiohookPing,
  AudiohookDiscarded,
  AudiohookError,
  AudiohookPaused,
  AudiohookResumed,
  AudiohookUpdate
])
export type AudiohookClientMessage = Static<typeof AudiohookClientMessage>

/** The server accepts the session with one of the offered media. */
export const AudiohookOpened = message(
  'opened',
  ofServer,
  Type.Object({
    media: Type.Array(AudiohookMedia),
    discardTo: Type.Optional(duration),
    startPaused: Type.Optional(Type.Boolean()),
    supportedLanguages: Type.Optional(Type.Array(Type.String()))
  })
)
export type AudiohookOpened = Static<typeof AudiohookOpened>

/** The answer to `close`. */
export const AudiohookClosed = message('closed', ofServer, noParameters)
export type AudiohookClosed = Static<typeof AudiohookClosed>

/** The answer to `ping`. */
export const AudiohookPong = message('pong', ofServer, noParameters)
export type AudiohookPong = Static<typeof AudiohookPong>

/** The server asks Genesys to end the session. */
export const AudiohookDisconnect = message(
  'disconnect',
  ofServer,
  Type.Object({
    reason: Type.String({ description: '`completed`, `unauthorized` or `error`' }),
    info: text
  })
)
export type AudiohookDisconnect = Static<typeof AudiohookDisconnect>

/** A result of the server, such as a transcript. */
export const AudiohookEvent = message(
  'event',
  ofServer,
  Type.Object({
    entities: Type.Array(Type.Object({ type: Type.String(), data: Type.Unknown() }))
  })
)
export type AudiohookEvent = Static<typeof AudiohookEvent>

/** The server asks for a pause. */
export const AudiohookPause = message('pause', ofServer, noParameters)
export type AudiohookPause = Static<typeof AudiohookPause>

/** The server ends its pause. */
export const AudiohookResume = message('resume', ofServer, noParameters)
export type AudiohookResume = Static<typeof AudiohookResume>

/** The server asks Genesys to reconnect and to continue there. */
export const AudiohookReconnect = message('reconnect', ofServer, Type.Object({ info: text }))
export type AudiohookReconnect = Static<typeof AudiohookReconnect>

/** The answer to `update`. */
export const AudiohookUpdated = message('updated', ofServer, noParameters)
export type AudiohookUpdated = Static<typeof AudiohookUpdated>

/** Any message of the server. */
export const AudiohookServerMessage = Type.Union([
  AudiohookOpened,
  AudiohookClosed,
  AudiohookPong,
  AudiohookDisconnect,
  AudiohookEvent,
  AudiohookPause,
  AudiohookResume,
  AudiohookReconnect,
  AudiohookUpdated
])
export type AudiohookServerMessage = Static<typeof AudiohookServerMessage>
