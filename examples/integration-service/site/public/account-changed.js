/* global BroadcastChannel, history, location */
// Notifies the member's chat in another tab, but not again after a reload.
new BroadcastChannel('account').postMessage('changed')
history.replaceState(null, '', location.pathname)
