import { demoSignIns } from '../../integration-service/store/seed.ts'
import { Browser } from './browser.ts'
import { sendCommand, expect, expectEvent, expectStatus, type Step, type Tour } from './step.ts'

const [agent] = demoSignIns.agents
const [customer] = demoSignIns.members

/** An agent signs in, dials and sees the customer; the ticket system looks up the caller. */
export const agentSteps: Step[] = [
  {
    title: 'An agent signs in at the desktop',
    signedBy: 'the agent, by password',
    verifiedBy: 'the service',
    async run ({ stack: { urls }, agent: browser, desktop }) {
      await expectStatus(
        await browser.postJson(`${urls.service}/api/agents/session`, {
          login: agent.login,
          password: agent.password
        }),
        200
      )
      await desktop.open(`${urls.service}/api/events`, browser.cookie)
      return `${agent.login} is signed in and listens to events`
    },
    twin: {
      title: 'another password',
      async run ({ stack: { urls } }) {
        await expectStatus(
          await new Browser().postJson(`${urls.service}/api/agents/session`, {
            login: agent.login,
            password: agent.password + 'x'
          }),
          401
        )
        return '401'
      }
    }
  },
  {
    title: 'The agent dials a number, and the service asks Huawei to connect the call',
    signedBy: 'the service, by bearer token',
    verifiedBy: 'Huawei AICC',
    async run (tour) {
      const { stack: { urls }, agent: browser } = tour
      const { callSerialNo } = JSON.parse(
        await expectStatus(
          await browser.postJson(`${urls.service}/api/calls`, { number: customer.phone }),
          201
        )
      ) as { callSerialNo: string }
      expect(
        /^[0-9]{19}$/.test(callSerialNo),
        `the serial number does not have 19 digits: ${callSerialNo}`
      )
      tour.callSerialNo = callSerialNo
      return `call ${callSerialNo}, all 19 digits`
    },
    twin: {
      title: 'createCall with another token',
      async run ({ stack: { urls } }) {
        const reply = await fetch(
          `${urls.huaweiAicc}/apiaccess/CC-Management/v1/mobileAgent/createCall`,
          {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: 'Bearer stolen' },
            body: JSON.stringify({ caller: agent.phone, called: customer.phone })
          }
        )
        await expectStatus(reply, 401)
        return '401'
      }
    }
  },
  {
    title: 'The connection callback arrives, and the desktop shows the call',
    signedBy: 'nobody (secret path, known call)',
    verifiedBy: 'the service',
    async run ({ stack: { urls }, desktop, callSerialNo, agent: browser }) {
      await sendCommand(`${urls.huaweiAicc}/lab/calls/${callSerialNo}/connect`)
      await desktop.waitForEvent('call.connected', callSerialNo)
      const call = JSON.parse(
        await expectStatus(await browser.request(`${urls.service}/api/calls/${callSerialNo}`), 200)
      ) as { state: string, customer: { name: string } | null }
      expect(
        call.state === 'connected' && call.customer?.name === customer.name,
        `the call shows ${JSON.stringify(call)}`
      )
      return `connected with ${call.customer.name}`
    },
    twin: {
      title: 'an unknown call, and a wrong gate token',
      async run ({ stack: { urls, config }, callSerialNo }) {
        await sendCommand(`${urls.huaweiAicc}/lab/calls/${callSerialNo}/forge`, {
          callback: 'connected'
        })
        const unknown = await expectEvent(urls.huaweiAicc, 'connected', 'refused')
        const body = JSON.stringify({ callSerialNo, serviceNo: '', called: customer.phone })
        const reply = await fetch(`${urls.service}/aicc/connected/${config.AICC_GATE}x`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body
        })
        expect(
          reply.status === 401 || reply.status === 403,
          `the wrong gate token got ${reply.status}`
        )
        return `${unknown}; gate token ${reply.status}`
      }
    }
  },
  {
    title: 'One click opens the caller in Oracle CSC',
    signedBy: 'the service',
    verifiedBy: 'Oracle CSC',
    async run (tour) {
      const page = await expectStatus(await fetch(await screenPop(tour)), 200)
      expect(page.includes('signed in by hash'), 'CSC did not sign the agent in')
      return await expectEvent(tour.stack.urls.oracleCsc, 'click-to-call', 'accepted')
    },
    twin: {
      title: 'the same URL for another number',
      async run (tour) {
        const url = new URL(await screenPop(tour))
        url.searchParams.set('UserTelephoneNumber', '+15550000000')
        await expectStatus(await fetch(url), 403)
        return await expectEvent(tour.stack.urls.oracleCsc, 'click-to-call', 'refused')
      }
    }
  },
  {
    title: 'Contiple looks up the caller for a ticket',
    signedBy: 'Contiple',
    verifiedBy: 'the service',
    async run ({ stack: { urls } }) {
      const { status, agentSees } = await sendCommand(`${urls.contiple}/lab/lookup`, {
        callNum: customer.phone
      }) as { status: number, agentSees: string }
      expect(
        status === 200 && agentSees.includes(customer.name),
        `Contiple's agent sees: ${agentSees}`
      )
      return agentSees
    },
    twin: {
      title: 'another key, a changed body, an hour-old signature',
      async run ({ stack: { urls } }) {
        for (const forge of ['key', 'body', 'time']) {
          const { status } = await sendCommand(`${urls.contiple}/lab/lookup`, {
            callNum: customer.phone,
            forge
          }) as { status: number }
          expect(status === 403, `the request with a forged ${forge} got ${status}`)
        }
        return '403, 403, 403'
      }
    }
  }
]

/** The last step: the release of the call. */
export const releaseStep: Step = {
  title: 'The service stores the signed release callback, and the desktop shows the release reason',
  signedBy: 'Huawei AICC',
  verifiedBy: 'the service',
  async run ({ stack: { urls }, desktop, callSerialNo, agent: browser }) {
    await sendCommand(`${urls.huaweiAicc}/lab/calls/${callSerialNo}/release`, { reason: '1' })
    await desktop.waitForEvent('call.released', callSerialNo)
    const call = JSON.parse(
      await expectStatus(await browser.request(`${urls.service}/api/calls/${callSerialNo}`), 200)
    ) as { state: string, releaseText: string }
    expect(call.state === 'released', `the call is ${call.state}`)
    return call.releaseText
  },
  twin: {
    title: 'a release with its reason changed after signing',
    async run ({ stack: { urls }, callSerialNo, agent: browser }) {
      await sendCommand(`${urls.huaweiAicc}/lab/calls/${callSerialNo}/forge`, {
        callback: 'released'
      })
      const refusal = await expectEvent(urls.huaweiAicc, 'released', 'refused')
      const call = JSON.parse(
        await expectStatus(await browser.request(`${urls.service}/api/calls/${callSerialNo}`), 200)
      ) as { releaseReason: string | null }
      expect(call.releaseReason !== '99', 'the forged reason was stored')
      return refusal
    }
  }
}

async function screenPop (
  { stack: { urls }, agent: browser, callSerialNo }: Tour
): Promise<string> {
  const reply = await browser.postJson(`${urls.service}/api/calls/${callSerialNo}/screen-pop`, {})
  return (JSON.parse(await expectStatus(reply, 200)) as { url: string }).url
}
