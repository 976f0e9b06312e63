import createError from '@fastify/error'

export const NotSignedIn = createError('SERVICE_NOT_SIGNED_IN', 'Sign in first', 401)
