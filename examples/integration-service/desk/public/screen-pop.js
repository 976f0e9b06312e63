/* global window */
import { api } from './api.js'
import { t } from './strings.js'

/**
 * Opens Oracle CSC for the call's customer. The tab opens at the click, because browsers block
 * later ones.
 */
export async function openScreenPop (callSerialNo) {
  const tab = window.open('', '_blank')
  try {
    const { url } = await api.screenPop(callSerialNo)
    if (tab === null) throw new Error(t('popUpBlocked'))
    // The new page is another company's: it must not access this one.
    tab.opener = null
    tab.location.replace(url)
  } catch (error) {
    tab?.close()
    throw error
  }
}
