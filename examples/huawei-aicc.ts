// Receives Huawei AICC's callbacks for connected and released calls. Run it with
//   AICC_SECRET=… AICC_GATE=… npx tsx examples/huawei-aicc.ts
// Enter /aicc/connected/<AICC_GATE> on Huawei's admin page, and send /aicc/released as createCall's
// callBackUrl.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify from 'fastify'
import huaweiAicc, {
  CallbackReplies,
  ConnectionCallback,
  ReleaseCallback,
  releaseReasons,
  success
} from 'fastify-contact-center/huawei-aicc'

// The path contains the gate's token, so paths are not logged.
const app = Fastify({ logger: true, disableRequestLogging: true }).withTypeProvider<
  TypeBoxTypeProvider
>()

await app.register(huaweiAicc, {
  keys: process.env['AICC_SECRET'] ?? '',
  unsigned: { token: process.env['AICC_GATE'] ?? '' }
})

app.post('/aicc/connected/:gate', {
  preValidation: app.huaweiAicc.verifyUnsigned,
  schema: { body: ConnectionCallback, response: CallbackReplies }
}, async (request) => {
  request.log.info(
    { callSerialNo: request.body.callSerialNo },
    'connected (unsigned callback)'
  )
  return success
})

app.post('/aicc/released', {
  preValidation: app.huaweiAicc.verify,
  schema: { body: ReleaseCallback, response: CallbackReplies }
}, async (request) => {
  const { callSerialNo, releaseReason } = request.body
  request.log.info(
    { callSerialNo, reason: releaseReasons[releaseReason ?? ''] ?? 'Exception' },
    'released'
  )
  return success
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
