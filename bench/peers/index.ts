import { peer as line } from './line.ts'
import { peer as octokit } from './octokit.ts'
import type { Peer } from './peer.ts'
import { peer as standardwebhooks } from './standardwebhooks.ts'
import { peer as stripe } from './stripe.ts'
import { peer as svix } from './svix.ts'
import { peer as tern } from './tern.ts'
import { peer as twilio } from './twilio.ts'

export const peers: Readonly<Record<string, Peer>> = {
  standardwebhooks,
  octokit,
  stripe,
  twilio,
  line,
  svix,
  tern
}
