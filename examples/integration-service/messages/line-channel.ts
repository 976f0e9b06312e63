import { type Channel, NotSent, Uncertain } from './channel.ts'
import { type Answer, getProperty, postJson, type VendorApi } from './vendor-api.ts'

export interface LineChannelOptions extends VendorApi {
  /** The Messaging API's base URL, without a trailing slash. */
  readonly url: string
}

/**
 * Texts by the Messaging API: as a reply to the contact's latest message, which is free, or as a
 * push message.
 * @see https://developers.line.biz/en/reference/messaging-api/#send-reply-message
 * @see https://developers.line.biz/en/docs/messaging-api/retrying-api-request/
 */
export function lineChannel ({ url, ...api }: LineChannelOptions): Channel {
  return {
    name: 'line',
    maximumLength: 5000,
    windowMs: null,
    // LINE allows a minute, by its own clock.
    replyTokenMs: 50_000,
    async send ({ id, contactId, text, replyToken }) {
      const messages = [{ type: 'text', text }]
      if (replyToken !== null) {
        const answer = await postJson(api, `${url}/v2/bot/message/reply`, { replyToken, messages })
        // 400: the token is no longer valid and nothing was sent, so push instead.
        if (answer.status !== 400) return readSentId(answer)
      }
      const answer = await postJson(api, `${url}/v2/bot/message/push`, {
        to: contactId,
        messages
      }, { 'x-line-retry-key': id })
      return readSentId(answer)
    }
  }
}

/** 409: LINE has already accepted a message with this retry key. */
function readSentId ({ status, body }: Answer): string {
  if (status >= 400 && status !== 409) throw new NotSent(`HTTP_${status}`)
  const vendorId = getProperty(getProperty(getProperty(body, 'sentMessages'), 0), 'id')
  if (typeof vendorId !== 'string' || !/^[!-~]{1,250}$/.test(vendorId)) {
    throw new Uncertain({ cause: new Error('the answer has no message id') })
  }
  return vendorId
}
