import { type Channel, NotSent, Uncertain } from './channel.ts'
import { getProperty, postJson, type VendorApi } from './vendor-api.ts'

export interface WhatsappChannelOptions extends VendorApi {
  /** The Graph API's base URL with its version, without a trailing slash. */
  readonly url: string
  readonly phoneNumberId: string
}

/**
 * Texts by the Cloud API.
 * @see https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
 */
export function whatsappChannel (
  { url, phoneNumberId, ...api }: WhatsappChannelOptions
): Channel {
  return {
    name: 'whatsapp',
    maximumLength: 4096,
    windowMs: 24 * 60 * 60 * 1000,
    replyTokenMs: null,
    async send ({ id, contactId, text }) {
      const { status, body } = await postJson(api, `${url}/${phoneNumberId}/messages`, {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: contactId,
        type: 'text',
        text: { body: text },
        // Returned with each status: it identifies the message if this response is lost.
        biz_opaque_callback_data: id
      })
      if (status >= 400) {
        throw new NotSent(
          String(getProperty(getProperty(body, 'error'), 'code') ?? `HTTP_${status}`)
        )
      }
      const vendorId = getProperty(getProperty(getProperty(body, 'messages'), 0), 'id')
      if (typeof vendorId !== 'string' || !/^[!-~]{1,250}$/.test(vendorId)) {
        throw new Uncertain({ cause: new Error('the answer has no message id') })
      }
      return vendorId
    }
  }
}
