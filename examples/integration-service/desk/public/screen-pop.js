/* global window */
import { api } from './api.js'

/**
 * Opens Oracle CSC on the call's customer. The tab is opened at the click, because browsers block
 * those that come later.
 */
export async function screenPop (callSerialNo) {
  const tab = window.open('', '_blank')
  try {
    const { url } = await api.screenPop(callSerialNo)
    if (tab === null) {
      throw new Error('The browser has blocked the new tab: allow pop-ups for this page')
    }
    // The page that opens is another company's: it gets no hold on this one.
    tab.opener = null
    tab.location.replace(url)
  } catch (error) {
    tab?.close()
    throw error
  }
}
