import { scheme } from 'fastify-contact-center/contiple'
import t from 'tap'
import { startExample } from '../../test/helper.ts'

t.test('examples/contiple.ts answers only Contiple', async t => {
  const secret = 'a-key-of-at-least-16'
  const url = await startExample(t, 'contiple', { CONTIPLE_KEY: secret })
  const lookUp = async (callNum: string, key: string) => {
    const body = JSON.stringify({ callNum })
    const timestamp = String(Date.now())
    return await fetch(`${url}/contiple/customer`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: scheme.sign({ body, timestamp }, key),
        'x-tc-timestamp': timestamp
      },
      body
    })
  }
  const reply = await lookUp('+821012345678', secret)
  t.equal(reply.status, 200)
  t.same(await reply.json(), { data: { userName: 'Hong Gil-dong', id: 'c-1' } })
  t.equal((await lookUp('+1', secret)).status, 400, 'no such customer')
  t.equal((await lookUp('+821012345678', 'another-key-of-no-use')).status, 403)
})
