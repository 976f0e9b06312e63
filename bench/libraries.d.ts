// For the type-check of the whole repository, which must work without bench/node_modules.
// What the repository has itself is not listed; bench/tsconfig.json leaves this file out and so
// checks against the real types.
declare module '@fastify/jwt'
declare module '@hookflo/tern'
declare module '@line/bot-sdk'
declare module '@octokit/webhooks-methods'
declare module 'autocannon'
declare module 'echarts'
declare module 'fastify-raw-body'
declare module 'lossless-json'
declare module 'mitata'
declare module 'standardwebhooks'
declare module 'stripe'
declare module 'svix'
