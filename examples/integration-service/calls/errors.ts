import createError from '@fastify/error'

export const NoSuchCall = createError('SERVICE_NO_SUCH_CALL', 'No such call', 404)
export const NoNumber = createError(
  'SERVICE_NO_NUMBER',
  'The call has no customer number',
  409
)
export const CursorInvalid = createError(
  'SERVICE_CURSOR_INVALID',
  'The cursor is invalid',
  400
)
