import { Agent, get, type IncomingMessage } from 'node:http'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'

/** Receives one event of a desk. */
export type OnEvent = (kind: string, data: string) => void

/** The cookie of a demonstration agent. */
export async function signIn (url: string): Promise<string> {
  const [{ login, password }] = demoSignIns.agents
  const reply = await fetch(`${url}/api/agents/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password })
  })
  const cookie = reply.headers.get('set-cookie')?.split(';')[0]
  if (!reply.ok || cookie === undefined) throw new Error(`sign-in: ${reply.status}`)
  return cookie
}

/** Desks that follow the live events. `onEvent` is called for each event at each desk. */
export async function followEvents (
  url: string,
  cookie: string,
  count: number,
  onEvent: OnEvent
): Promise<() => void> {
  const agent = new Agent({ keepAlive: false })
  await Promise.all(Array.from({ length: count }, async () => await follow()))
  return () => agent.destroy()

  async function follow (): Promise<void> {
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${url}/api/events`, { agent, headers: { cookie } }, resolve).once('error', reject)
    })
    if (reply.statusCode !== 200) throw new Error(`events: ${reply.statusCode}`)
    await new Promise<void>(resolve => {
      let unread = ''
      reply.setEncoding('utf8').on('error', () => {}).on('data', (text: string) => {
        resolve()
        const blocks = (unread + text).split('\n\n')
        unread = blocks.pop() ?? ''
        for (const block of blocks) {
          const match = /\nevent: (.+)\ndata: (.+)$/.exec(block)
          if (match !== null) onEvent(match[1] ?? '', match[2] ?? '')
        }
      })
    })
  }
}
