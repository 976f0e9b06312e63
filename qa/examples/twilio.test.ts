import t from 'tap'
import oracle from 'twilio/lib/webhooks/webhooks.js'
import { startExample } from '../../test/helper.ts'

const secret = 'a-token-of-32-characters-or-more'

t.test('examples/twilio.ts answers Twilio and nobody else', async t => {
  const address = await startExample(t, 'twilio', {
    TWILIO_AUTH_TOKEN: secret,
    PUBLIC_URL: 'https://voice.example.com'
  })
  const postWebhook = async (token: string, params: Record<string, string>, path = '/voice') =>
    await fetch(address + path, {
      method: 'POST',
      headers: {
        'x-twilio-signature': oracle.getExpectedTwilioSignature(
          token,
          `https://voice.example.com${path}`,
          params
        )
      },
      body: new URLSearchParams(params)
    })
  const call = {
    CallSid: 'CA1',
    AccountSid: 'AC1',
    From: '+14158675309',
    To: '+18005551212',
    CallStatus: 'ringing',
    AddedLater: '1'
  }
  const answer = await postWebhook(secret, call)
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'text/xml; charset=utf-8')
  t.match(await answer.text(), '<Say>You call from +14158675309</Say>')
  t.equal((await postWebhook('another-token-of-no-use', call)).status, 403)
  t.equal((await postWebhook(secret, { ...call, CallStatus: 'completed' }, '/status')).status, 204)
  const hostile = await postWebhook(secret, { ...call, From: '"><Dial>1</Dial>' })
  t.match(await hostile.text(), 'from &quot;&gt;&lt;Dial&gt;1&lt;/Dial&gt;</Say>')
})
