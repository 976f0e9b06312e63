import type { Page, Request } from 'playwright-core'
import { until } from './chromium.ts'

export interface Held {
  /** The held requests so far. */
  readonly requests: readonly Request[]
  /** Waits until a request is held, and its answer too if that is held. */
  waiting(): Promise<void>
  release(): Promise<void>
}

interface HoldOptions {
  readonly method?: string
  /** The request: it reaches the service late. The answer: it is old when the page reads it. */
  readonly what?: 'request' | 'answer'
  /** How many are held; later ones pass. Default: all. */
  readonly times?: number
}

/** Holds requests, or their answers, until they are released: a slow network, without sleeping. */
export async function hold (
  page: Page,
  url: string | RegExp,
  { method = 'GET', what = 'answer', times = Infinity }: HoldOptions = {}
): Promise<Held> {
  const requests: Request[] = []
  let ready = 0
  let open = (): void => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  const pending = new Set<Promise<void>>()
  await page.route(url, async route => {
    const request = route.request()
    if (request.method() !== method || requests.length >= times) return await route.fallback()
    requests.push(request)
    const handling = (async () => {
      const response = what === 'answer' ? await route.fetch() : undefined
      ready++
      await opened
      await (response === undefined ? route.continue() : route.fulfill({ response }))
    })()
    pending.add(handling)
    await handling
  })
  return {
    requests,
    async waiting () {
      await until(`a request to ${url} is held`, async () => ready > 0)
    },
    async release () {
      open()
      await Promise.all(pending)
      await page.unroute(url)
    }
  }
}
