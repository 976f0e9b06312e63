/* global BroadcastChannel, Date, history, localStorage, location */
// Notifies the member's chat in another tab, but not again after a reload. A chat that is still
// being loaded reads the time.
localStorage.setItem('account-changed', String(Date.now()))
new BroadcastChannel('account').postMessage('changed')
history.replaceState(null, '', location.pathname)
