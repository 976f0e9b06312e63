import { scheme } from 'fastify-contact-center/huawei-aicc'
import t from 'tap'
import { startExample } from '../../test/helper.ts'

t.test('examples/huawei-aicc.ts answers only Huawei', async t => {
  const secret = 'a-key-of-at-least-16'
  const gate = 'gate-token-of-this-service'
  const url = await startExample(t, 'huawei-aicc', { AICC_SECRET: secret, AICC_GATE: gate })
  const post = async (path: string, body: object) =>
    await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
  const call = { callSerialNo: '1197765398201387012', serviceNo: '', called: '88880067' }
  const sign = (key: string, nonce: string) => {
    const params = { ...call, releaseReason: '0' }
    const timestamp = String(Date.now())
    return {
      ...params,
      timestamp,
      nonce,
      signature: scheme.sign({ params, timestamp, nonce }, key)
    }
  }

  const connected = await post(`/aicc/connected/${gate}`, call)
  t.equal(connected.status, 200)
  t.same(await connected.json(), { retCode: '0', retMsg: 'success' })
  t.equal((await post('/aicc/connected/another-gate', call)).status, 403)

  const callback = sign(secret, 'n1')
  t.same(await (await post('/aicc/released', callback)).json(), { retCode: '0', retMsg: 'success' })
  t.equal((await post('/aicc/released', callback)).status, 401, 'a copy')
  t.equal((await post('/aicc/released', sign('another-key-of-no-use', 'n2'))).status, 401)
  t.equal((await post('/aicc/released', { ...sign(secret, 'n3'), called: '1' })).status, 401)
})
