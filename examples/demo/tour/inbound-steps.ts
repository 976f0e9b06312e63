import { demoSignIns } from '../../integration-service/store/seed.ts'
import { Browser } from './browser.ts'
import { sendCommand, expect, expectEvent, expectStatus, type Step, type Tour } from './step.ts'

const [agent, colleague] = demoSignIns.agents
const [, caller] = demoSignIns.members

interface Work {
  ringing: Array<{ callSerialNo: string, customer: { name: string } | null }>
}

/** A customer calls: the desks ring, and one agent accepts the call and wraps it up. */
export const inboundSteps: Step[] = [
  {
    title: 'A customer calls, Contiple looks up the caller, and the desks ring',
    signedBy: 'Contiple',
    verifiedBy: 'the service',
    async run (tour) {
      const { stack: { urls }, agent: browser, desktop } = tour
      await setAvailable(tour, browser)
      await sendCommand(`${urls.contiple}/lab/lookup`, { callNum: caller.phone })
      const [call] = (await fetchWork(tour)).ringing
      expect(call?.customer?.name === caller.name, 'no desk rings')
      await desktop.waitForEvent('call.ringing', call.callSerialNo)
      tour.callSerialNo = call.callSerialNo
      return `${caller.name} is calling`
    },
    twin: {
      title: 'a forged look-up of another number',
      async run (tour) {
        const { urls } = tour.stack
        const { status } = await sendCommand(`${urls.contiple}/lab/lookup`, {
          callNum: '+5511961234567',
          forge: 'key'
        }) as { status: number }
        expect(status === 403, `the forged request got ${status}`)
        expect((await fetchWork(tour)).ringing.length === 1, 'the desks ring')
        return '403, and no desk rings'
      }
    }
  },
  {
    title: 'The agent accepts the call',
    signedBy: 'the agent, by session',
    verifiedBy: 'the service',
    async run ({ stack: { urls }, agent: browser, desktop, callSerialNo }) {
      await expectStatus(
        await browser.postJson(`${urls.service}/api/calls/${callSerialNo}/accept`, {}),
        200
      )
      await desktop.waitForEvent('call.accepted', callSerialNo)
      return `${agent.login} has the call`
    },
    twin: {
      title: "another agent's acceptance, and a request from another site",
      async run (tour) {
        const { stack: { urls }, agent: browser, callSerialNo } = tour
        const acceptUrl = `${urls.service}/api/calls/${callSerialNo}/accept`
        const colleagueBrowser = await signInColleague(tour)
        await expectStatus(await colleagueBrowser.postJson(acceptUrl, {}), 409)
        await expectStatus(
          await browser.request(acceptUrl, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
            body: '{}'
          }),
          403
        )
        return '409; 403'
      }
    }
  },
  {
    title: 'Huawei connects and releases the line, and both callbacks match the call',
    signedBy: 'Huawei AICC',
    verifiedBy: 'the service',
    async run ({ stack: { urls }, agent: browser, desktop, callSerialNo }) {
      const { call } = await sendCommand(`${urls.huaweiAicc}/lab/incoming`, {
        caller: caller.phone,
        called: agent.phone
      }) as { call: { callSerialNo: string } }
      await sendCommand(`${urls.huaweiAicc}/lab/calls/${call.callSerialNo}/connect`)
      await desktop.waitForEvent('call.connected', callSerialNo)
      await sendCommand(`${urls.huaweiAicc}/lab/calls/${call.callSerialNo}/release`, {
        reason: '1'
      })
      await desktop.waitForEvent('call.released', callSerialNo)
      const inboundCall = JSON.parse(
        await expectStatus(await browser.request(`${urls.service}/api/calls/${callSerialNo}`), 200)
      ) as { direction: string, customerNumber: string, releaseText: string }
      expect(
        inboundCall.direction === 'inbound' && inboundCall.customerNumber === caller.phone,
        `the call shows ${JSON.stringify(inboundCall)}`
      )
      return `the caller is the customer; ${inboundCall.releaseText}`
    },
    twin: {
      title: 'a release changed after signing',
      async run ({ stack: { urls } }) {
        const { call } = await sendCommand(`${urls.huaweiAicc}/lab/incoming`, {
          caller: caller.phone,
          called: agent.phone
        }) as { call: { callSerialNo: string } }
        await sendCommand(`${urls.huaweiAicc}/lab/calls/${call.callSerialNo}/forge`, {
          callback: 'released'
        })
        return await expectEvent(urls.huaweiAicc, 'released', 'refused')
      }
    }
  },
  {
    title: 'The agent wraps up the call',
    signedBy: 'the agent, by session',
    verifiedBy: 'the service',
    async run ({ stack: { urls }, agent: browser, desktop, callSerialNo }) {
      await expectStatus(await sendWrapUp(browser, urls.service, callSerialNo), 200)
      await desktop.waitForEvent('call.wrapped', callSerialNo)
      return 'stored with the agent and the time'
    },
    twin: {
      title: "another agent's wrap-up",
      async run (tour) {
        const colleagueBrowser = await signInColleague(tour)
        await expectStatus(
          await sendWrapUp(colleagueBrowser, tour.stack.urls.service, tour.callSerialNo),
          403
        )
        return '403'
      }
    }
  }
]

async function setAvailable ({ stack: { urls } }: Tour, browser: Browser): Promise<void> {
  await expectStatus(
    await browser.request(`${urls.service}/api/agents/state`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ state: 'available', reason: null })
    }),
    200
  )
}

async function signInColleague (tour: Tour): Promise<Browser> {
  const browser = new Browser()
  await expectStatus(
    await browser.postJson(`${tour.stack.urls.service}/api/agents/session`, {
      login: colleague.login,
      password: colleague.password
    }),
    200
  )
  await setAvailable(tour, browser)
  return browser
}

async function fetchWork ({ stack: { urls }, agent: browser }: Tour): Promise<Work> {
  return JSON.parse(
    await expectStatus(await browser.request(`${urls.service}/api/work`), 200)
  ) as Work
}

async function sendWrapUp (
  browser: Browser,
  service: string,
  callSerialNo: string
): Promise<Response> {
  return await browser.request(`${service}/api/calls/${callSerialNo}/wrap-up`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ disposition: 'Resolved', note: '메모', seen: null })
  })
}
