import { demoSignIns } from '../../integration-service/store/seed.ts'
import { Browser } from './browser.ts'
import { control, expect, expectEvent, expectStatus, type Step, type Tour } from './step.ts'

const [agent, colleague] = demoSignIns.agents
const [, caller] = demoSignIns.members

interface Work {
  ringing: Array<{ callSerialNo: string, customer: { name: string } | null }>
}

/** A customer calls: the desks ring, one agent takes the call and then wraps it up. */
export const inboundSteps: Step[] = [
  {
    title: 'A customer calls, Contiple asks who it is, and it rings at the desks',
    signedBy: 'Contiple',
    verifiedBy: 'the service',
    async run (tour) {
      const { stack: { urls }, agent: browser, desktop } = tour
      await available(tour, browser)
      await control(`${urls.contiple}/lab/lookup`, { callNum: caller.phone })
      const [call] = (await work(tour)).ringing
      expect(call?.customer?.name === caller.name, 'nothing rings')
      await desktop.seen('call.ringing', call.callSerialNo)
      tour.callSerialNo = call.callSerialNo
      return `${caller.name} is calling`
    },
    twin: {
      title: 'a forged look-up of another number',
      async run (tour) {
        const { urls } = tour.stack
        const { status } = await control(`${urls.contiple}/lab/lookup`, {
          callNum: '+5511961234567',
          forge: 'key'
        }) as { status: number }
        expect(status === 403, `it answered ${status}`)
        expect((await work(tour)).ringing.length === 1, 'it rings')
        return '403, and nothing rings'
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
      await desktop.seen('call.accepted', callSerialNo)
      return `${agent.login} has it`
    },
    twin: {
      title: 'another agent who accepts it too, and a page of another site',
      async run (tour) {
        const { stack: { urls }, agent: browser, callSerialNo } = tour
        const accept = `${urls.service}/api/calls/${callSerialNo}/accept`
        const other = await colleagueOf(tour)
        await expectStatus(await other.postJson(accept, {}), 409)
        await expectStatus(
          await browser.request(accept, {
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
    title: 'Huawei says that the line is connected and released: it is the same call',
    signedBy: 'Huawei AICC',
    verifiedBy: 'the service',
    async run ({ stack: { urls }, agent: browser, desktop, callSerialNo }) {
      const { call } = await control(`${urls.huaweiAicc}/lab/incoming`, {
        caller: caller.phone,
        called: agent.phone
      }) as { call: { callSerialNo: string } }
      await control(`${urls.huaweiAicc}/lab/calls/${call.callSerialNo}/connect`)
      await desktop.seen('call.connected', callSerialNo)
      await control(`${urls.huaweiAicc}/lab/calls/${call.callSerialNo}/release`, { reason: '1' })
      await desktop.seen('call.released', callSerialNo)
      const seen = JSON.parse(
        await expectStatus(await browser.request(`${urls.service}/api/calls/${callSerialNo}`), 200)
      ) as { direction: string, customerNumber: string, releaseText: string }
      expect(
        seen.direction === 'inbound' && seen.customerNumber === caller.phone,
        `the call shows ${JSON.stringify(seen)}`
      )
      return `the caller is the customer; ${seen.releaseText}`
    },
    twin: {
      title: 'a release that was changed after signing',
      async run ({ stack: { urls } }) {
        const { call } = await control(`${urls.huaweiAicc}/lab/incoming`, {
          caller: caller.phone,
          called: agent.phone
        }) as { call: { callSerialNo: string } }
        await control(`${urls.huaweiAicc}/lab/calls/${call.callSerialNo}/forge`, {
          callback: 'released'
        })
        return await expectEvent(urls.huaweiAicc, 'released', 'refused')
      }
    }
  },
  {
    title: 'The agent says how the call went',
    signedBy: 'the agent, by session',
    verifiedBy: 'the service',
    async run ({ stack: { urls }, agent: browser, desktop, callSerialNo }) {
      await expectStatus(await wrapUp(browser, urls.service, callSerialNo), 200)
      await desktop.seen('call.wrapped', callSerialNo)
      return 'kept, with who and when'
    },
    twin: {
      title: 'another agent who writes about it',
      async run (tour) {
        const other = await colleagueOf(tour)
        await expectStatus(
          await wrapUp(other, tour.stack.urls.service, tour.callSerialNo),
          403
        )
        return '403'
      }
    }
  }
]

async function available ({ stack: { urls } }: Tour, browser: Browser): Promise<void> {
  await expectStatus(
    await browser.request(`${urls.service}/api/agents/state`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ state: 'available', reason: null })
    }),
    200
  )
}

async function colleagueOf (tour: Tour): Promise<Browser> {
  const browser = new Browser()
  await expectStatus(
    await browser.postJson(`${tour.stack.urls.service}/api/agents/session`, {
      login: colleague.login,
      password: colleague.password
    }),
    200
  )
  await available(tour, browser)
  return browser
}

async function work ({ stack: { urls }, agent: browser }: Tour): Promise<Work> {
  return JSON.parse(
    await expectStatus(await browser.request(`${urls.service}/api/work`), 200)
  ) as Work
}

async function wrapUp (
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
