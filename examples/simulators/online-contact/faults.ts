import { readStatus, type Suite } from '../shared/faults.ts'
import type { OnlineContactBench } from './bench.ts'
import { loginFaults } from './faults-of-login.ts'
import { serverLoginFaults } from './faults-of-server-login.ts'
import { signingFaults } from './faults-of-signing.ts'
import { statusFaults } from './faults-of-status.ts'
import { tokenFaults } from './faults-of-token.ts'

/** All faults for a member site. */
export const onlineContactSuite: Suite<OnlineContactBench> = {
  vendor: 'online-contact',
  faults: [...statusFaults, ...loginFaults, ...tokenFaults, ...serverLoginFaults, ...signingFaults],
  read: readStatus
}
