/* global BroadcastChannel, history, location */
// Tells the member's chat, if one is open in another tab, and forgets about it on reload.
new BroadcastChannel('account').postMessage('changed')
history.replaceState(null, '', location.pathname)
