import { serverSentEvents } from './server-sent-events.ts'

/** The agent desktop's client for `GET /api/events`. */
export class Desktop {
  readonly events: Array<{ id: string, event: string, data: { callSerialNo?: string } }> = []
  readonly #abort = new AbortController()

  /** Connects with the agent's cookie and collects the events. */
  async open (url: string, cookie: string): Promise<void> {
    const response = await fetch(url, {
      headers: { cookie, accept: 'text/event-stream' },
      signal: this.#abort.signal
    })
    if (response.status !== 200 || response.body === null) {
      throw new Error(`the event stream answered ${response.status}`)
    }
    this.#read(response.body).catch(() => {/* closed */})
  }

  async #read (body: ReadableStream<Uint8Array>): Promise<void> {
    for await (const { id = '', event = 'message', data } of serverSentEvents(body)) {
      if (data !== undefined) {
        this.events.push({ id, event, data: JSON.parse(data) as { callSerialNo?: string } })
      }
    }
  }

  /** Waits for an event of this kind about this call. */
  async waitForEvent (kind: string, callSerialNo: string): Promise<void> {
    for (let waited = 0; waited < 5000; waited += 20) {
      if (
        this.events.some(event => event.event === kind && event.data.callSerialNo === callSerialNo)
      ) {
        return
      }
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    throw new Error(
      `the desktop received no ${kind} for ${callSerialNo}, only ${
        this.events.map(event => event.event).join(', ')
      }`
    )
  }

  close (): void {
    this.#abort.abort()
  }
}
