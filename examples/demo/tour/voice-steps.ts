import { setTimeout as sleep } from 'node:timers/promises'
import { demoSignIns } from '../../integration-service/store/seed.ts'
import { sendCommand, expect, expectStatus, type Step, type Tour } from './step.ts'

const [agent] = demoSignIns.agents
const [caller] = demoSignIns.members

interface VoiceCall {
  sid: string
  status: string
  heard: string[]
  line: { number: string } | null
}

/** A customer calls through Twilio, waits, is connected, and hangs up. */
export const voiceSteps: Step[] = [
  {
    title: 'A customer calls through Twilio, hears a request to wait, and the desks ring',
    signedBy: 'Twilio',
    verifiedBy: 'the service',
    async run (tour) {
      const { stack: { urls }, desktop } = tour
      const { sid, heard } = await sendCommand(`${urls.twilio}/lab/incoming`, {
        from: caller.phone
      }) as VoiceCall
      await desktop.waitForEvent('call.ringing', sid)
      const [call] = await fetchRinging(tour)
      expect(call?.customer?.name === caller.name, `the desk shows ${JSON.stringify(call)}`)
      tour.callSerialNo = sid
      return `${caller.name} hears: ${heard[0] ?? ''}`
    },
    twin: {
      title: 'another token, and a caller changed after signing',
      async run (tour) {
        for (const forge of ['key', 'field']) {
          const { status } = await sendCommand(`${tour.stack.urls.twilio}/lab/incoming`, {
            from: '+5511961234567',
            forge
          }) as { status: number }
          expect(status === 403, `the request with a forged ${forge} got ${status}`)
        }
        expect((await fetchRinging(tour)).length === 1, 'the desks ring')
        return '403, 403, and no desk rings'
      }
    }
  },
  {
    title: "The agent accepts, and Twilio rings the agent's telephone for the caller",
    signedBy: 'Twilio',
    verifiedBy: 'the service',
    async run (tour) {
      const { stack: { urls }, agent: browser, desktop, callSerialNo } = tour
      await expectStatus(
        await browser.postJson(`${urls.service}/api/calls/${callSerialNo}/accept`, {}),
        200
      )
      await desktop.waitForEvent('call.accepted', callSerialNo)
      const line = await waitForLine(tour)
      expect(line?.number === agent.phone, `Twilio rings ${line?.number ?? 'no number'}`)
      return `${agent.login}'s telephone rings`
    },
    twin: {
      title: "an unsigned request for the agent's number",
      async run ({ stack: { urls }, callSerialNo }) {
        const fields = { CallSid: callSerialNo, AccountSid: 'AC1', CallStatus: 'in-progress' }
        const reply = await fetch(`${urls.service}/twilio/voice`, {
          method: 'POST',
          headers: { 'x-twilio-signature': `${'A'.repeat(27)}=` },
          body: new URLSearchParams({ ...fields, From: caller.phone, To: '+82215881000' })
        })
        const text = await expectStatus(reply, 403)
        expect(!text.includes(agent.phone), "the response contains the agent's number")
        return '403, and no number'
      }
    }
  },
  {
    title: 'The caller hangs up, and Twilio reports it twice',
    signedBy: 'Twilio',
    verifiedBy: 'the service',
    async run (tour) {
      const { stack: { urls }, agent: browser, desktop, callSerialNo } = tour
      const callUrl = `${urls.twilio}/lab/calls/${callSerialNo}`
      await sendCommand(callUrl, { what: 'end-completed' })
      await sendCommand(callUrl, { what: 'end-completed' })
      await desktop.waitForEvent('call.released', callSerialNo)
      const call = JSON.parse(
        await expectStatus(await browser.request(`${urls.service}/api/calls/${callSerialNo}`), 200)
      ) as { state: string, releaseText: string }
      expect(call.state === 'released', `the call shows ${JSON.stringify(call)}`)
      return call.releaseText
    },
    twin: {
      title: 'a forged end-of-call callback',
      async run ({ stack: { urls }, callSerialNo }) {
        const { status } = await sendCommand(`${urls.twilio}/lab/calls/${callSerialNo}`, {
          what: 'end-failed',
          forge: 'key'
        }) as { status: number }
        expect(status === 403, `the forged request got ${status}`)
        return '403'
      }
    }
  }
]

async function fetchRinging (
  { stack: { urls }, agent: browser }: Tour
): Promise<Array<{ customer: { name: string } | null }>> {
  const work = JSON.parse(
    await expectStatus(await browser.request(`${urls.service}/api/work`), 200)
  ) as { ringing: Array<{ customer: { name: string } | null }> }
  return work.ringing
}

/** Waits until Twilio, which polls the service, has dialled the agent. */
async function waitForLine ({ stack: { urls }, callSerialNo }: Tour): Promise<VoiceCall['line']> {
  for (let tries = 0; tries < 100; tries++) {
    const calls = await (await fetch(`${urls.twilio}/lab/calls`)).json() as VoiceCall[]
    const line = calls.find(({ sid }) => sid === callSerialNo)?.line ?? null
    if (line !== null) return line
    await sleep(50)
  }
  return null
}
