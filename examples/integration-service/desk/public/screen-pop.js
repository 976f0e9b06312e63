/* global window */
import { api } from './api.js'
import { t } from './strings.js'

/**
 * Opens Oracle CSC on the call's customer. The tab is opened at the click, because browsers block
 * those that come later.
 */
export async function screenPop (callSerialNo) {
  const tab = window.open('', '_blank')
  try {
    const { url } = await api.screenPop(callSerialNo)
    if (tab === null) throw new Error(t('popUpBlocked'))
    // The page that opens is another company's: it gets no hold on this one.
    tab.opener = null
    tab.location.replace(url)
  } catch (error) {
    tab?.close()
    throw error
  }
}
