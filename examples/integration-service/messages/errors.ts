import createError from '@fastify/error'

export const NoSuchConversation = createError(
  'SERVICE_NO_SUCH_CONVERSATION',
  'No such conversation',
  404
)
export const NoChannel = createError(
  'SERVICE_NO_CHANNEL',
  'This service has no account for this channel',
  409
)
export const TextTooLong = createError<[limit: number]>(
  'SERVICE_TEXT_TOO_LONG',
  'The message is longer than %s characters',
  400
)
export const NoText = createError('SERVICE_NO_TEXT', 'The message is empty', 400)
export const IdTaken = createError(
  'SERVICE_MESSAGE_ID_TAKEN',
  'Another message has this id',
  409
)
export const MessageNotSent = createError<[reason: string, options: { cause: unknown }]>(
  'SERVICE_MESSAGE_NOT_SENT',
  'The message was not sent: %s',
  502
)
export const MessageUncertain = createError<[options: { cause: unknown }]>(
  'SERVICE_MESSAGE_UNCERTAIN',
  'The message may have been sent; check before you send it again',
  504
)
