import { demoSignIns } from '../../integration-service/store/seed.ts'
import { type Form, parseForm } from '../../simulators/shared/form.ts'
import { Browser } from './browser.ts'
import { expect, expectEvent, expectStatus, type Step, type Tour } from './step.ts'

const [demoMember, otherMember] = demoSignIns.members
const guest = new Browser()

/** A member signs in, opens the help centre in each of the three ways, and chats. */
export const memberSteps: Step[] = [
  {
    title: 'A member signs in and enters the help centre by the client form',
    signedBy: 'the service',
    verifiedBy: 'Online Contact',
    async run ({ stack: { urls }, member }) {
      const returnUrl = helpCentreUrl(urls.onlineContact)
      const loginUrl = `${urls.service}/member/login?${new URLSearchParams({ returnUrl })}`
      const page = parseForm(await expectStatus(await member.request(loginUrl), 200), loginUrl)
      const signedInReply = await member.postForm(page.action, {
        ...page.fields,
        login: demoMember.login,
        password: demoMember.password
      })
      const form = parseForm(await expectStatus(signedInReply, 200), loginUrl)
      const reply = await member.postForm(form.action, form.fields)
      expect(
        reply.status === 302 && reply.headers.get('location') === returnUrl,
        `Online Contact answered ${reply.status} ${reply.headers.get('location')}`
      )
      await expectMember(await member.request(returnUrl))
      return await expectEvent(urls.onlineContact, 'remote-login', 'accepted')
    },
    twin: {
      title: 'the same form for another member',
      async run (tour) {
        const { action, fields } = await fetchClientForm(tour)
        await expectStatus(
          await guest.postForm(action, { ...fields, usercode: otherMember.login }),
          403
        )
        return await expectEvent(tour.stack.urls.onlineContact, 'remote-login', 'refused')
      }
    }
  },
  {
    title: "The member enters by a login from the service's server",
    signedBy: 'the service',
    verifiedBy: 'Online Contact',
    async run (tour) {
      const reply = await tour.member.request(`${tour.stack.urls.service}/member/help?way=server`)
      const target = reply.headers.get('location') ?? ''
      expect(target.includes('accessToken='), `the service answered ${reply.status} ${target}`)
      await expectMember(await new Browser().request(target))
      return await expectEvent(tour.stack.urls.onlineContact, 'server-login', 'accepted')
    },
    twin: {
      title: 'a login changed to another member, and an unknown access token',
      async run (tour) {
        const { urls } = tour.stack
        const { returnUrl, ...fields } = (await fetchClientForm(tour)).fields
        await expectStatus(
          await guest.postForm(`${urls.onlineContact}/api/v2/enduser/remote.json`, {
            ...fields,
            usercode: otherMember.login
          }),
          403
        )
        await expectGuest(
          await new Browser().request(
            `${helpCentreUrl(urls.onlineContact)}?accessToken=00000000000000000000000000000000`
          )
        )
        return `${await expectEvent(
          urls.onlineContact,
          'server-login',
          'refused'
        )}; shown as a guest`
      }
    }
  },
  {
    title: 'The member enters by a GET link, and the service confirms that it issued the token',
    signedBy: 'the service',
    verifiedBy: 'Online Contact, then the service',
    async run (tour) {
      await expectMember(await new Browser().request(await fetchLink(tour)))
      return await expectEvent(tour.stack.urls.onlineContact, 'get-link', 'accepted')
    },
    twin: {
      title: 'a changed e-mail address, and a token for another member',
      async run (tour) {
        const { urls } = tour.stack
        const link = new URL(await fetchLink(tour))
        const token = link.searchParams.get('token') ?? ''
        link.searchParams.set('email', 'thief@example.com')
        await expectGuest(await new Browser().request(link.href))
        const answer = await fetch(
          `${urls.service}/member/verify-token?${new URLSearchParams({
            usercode: otherMember.login,
            token
          })}`
        )
        const { login } = JSON.parse(await expectStatus(answer, 200)) as { login: string }
        expect(login === 'false', 'the token was accepted for another member')
        return `${await expectEvent(
          urls.onlineContact,
          'get-link',
          'refused'
        )}; the service says login=false`
      }
    }
  },
  {
    title: "Online Contact's page reads the login status",
    signedBy: 'nobody (cookie and origin)',
    verifiedBy: 'the service',
    async run ({ stack: { urls }, member }) {
      const { readable, usercode } = await checkStatus(
        urls.onlineContact,
        member.cookie,
        urls.onlineContact
      )
      expect(
        readable && usercode === demoMember.login,
        `the page read ${JSON.stringify({ readable, usercode })}`
      )
      return `${usercode} is logged in`
    },
    twin: {
      title: 'a page of another origin, and a visitor without a session',
      async run ({ stack: { urls }, member }) {
        expect(
          !(await checkStatus(urls.onlineContact, member.cookie, 'https://thief.example')).readable,
          'another origin could read the answer'
        )
        const anonymous = await checkStatus(urls.onlineContact, '', urls.onlineContact)
        expect(anonymous.usercode === null, 'a visitor without a session is logged in')
        return 'unreadable; not logged in'
      }
    }
  },
  {
    title: "The member opens a chat, and the portal's agent sees a verified member",
    signedBy: 'the service',
    verifiedBy: 'ITX Portal',
    async run (tour) {
      const { verified } = await openChat(tour, await fetchChatSession(tour))
      expect(verified, 'the portal shows a warning')
      return 'verified'
    },
    twin: {
      title: 'the same chat under another name',
      async run (tour) {
        const session = await fetchChatSession(tour)
        const { verified } = await openChat(tour, {
          ...session,
          verifiedData: { ...session.verifiedData, name: otherMember.name }
        })
        expect(!verified, 'the portal shows it as verified')
        return 'shown with a warning'
      }
    }
  }
]

function helpCentreUrl (onlineContact: string): string {
  return `${onlineContact}/demo/hc/`
}

/** The auto-submitted form for the signed-in member. */
async function fetchClientForm ({ stack: { urls }, member }: Tour): Promise<Form> {
  const loginUrl = `${urls.service}/member/login?${new URLSearchParams({
    returnUrl: helpCentreUrl(urls.onlineContact)
  })}`
  return parseForm(await expectStatus(await member.request(loginUrl), 200), loginUrl)
}

async function fetchLink ({ stack: { urls }, member }: Tour): Promise<string> {
  const reply = await member.request(`${urls.service}/member/help?way=link`)
  const target = reply.headers.get('location') ?? ''
  expect(target.includes('token='), `the service answered ${reply.status} ${target}`)
  return target
}

async function expectMember (reply: Response): Promise<void> {
  expect(
    (await expectStatus(reply, 200)).includes(demoMember.login),
    'the help centre does not show the member'
  )
}

async function expectGuest (reply: Response): Promise<void> {
  expect(
    !(await expectStatus(reply, 200)).includes(demoMember.login),
    'the help centre shows the member'
  )
}

async function checkStatus (
  onlineContact: string,
  cookie: string,
  origin: string
): Promise<{ readable: boolean, usercode: string | null }> {
  const reply = await fetch(`${onlineContact}/lab/check-status`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cookie, origin })
  })
  return JSON.parse(await expectStatus(reply, 200)) as {
    readable: boolean,
    usercode: string | null
  }
}

interface Session {
  verifiedData: Record<string, unknown>
}

async function fetchChatSession ({ stack: { urls }, member }: Tour): Promise<Session> {
  return JSON.parse(
    await expectStatus(await member.request(`${urls.service}/chat/session`), 200)
  ) as Session
}

/** Opens a chat as the widget does. */
async function openChat (
  { stack: { urls } }: Tour,
  session: Session
): Promise<{ verified: boolean }> {
  const reply = await fetch(`${urls.itxChat}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(session)
  })
  return JSON.parse(await expectStatus(reply, 200)) as { verified: boolean }
}
