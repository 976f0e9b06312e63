// The integration service under load: `npm run bench:service`. Ratios are between things
// measured in turns on the same machine in the same minute, so that they can be compared
// with those of another; the absolute figures cannot.
import { cpus } from 'node:os'
import { databases } from './service/databases.ts'
import { history } from './service/history.ts'
import { callbacks, range, startService, storeAlone } from './service/load.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 7)
const requests = Number(process.env['BENCH_REQUESTS'] ?? 2000)
const memoryRequests = Number(process.env['BENCH_MEMORY_REQUESTS'] ?? 60_000)
const connections = 50

console.log(`Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`)

for (const database of await databases()) {
  console.log(`\n## ${database.name}`)
  try {
    await throughput(database.url, await database.another())
    await history(database)
  } finally {
    await database.drop()
  }
}

/** Signed release callbacks over HTTP, in turns with the same writes without HTTP, signatures and JSON. */
async function throughput (serviceUrl: string, storeUrl: string): Promise<void> {
  const service = await startService(serviceUrl)
  await callbacks(service.url, requests, connections)
  await storeAlone(storeUrl, requests, connections)
  const results = []
  for (let round = 0; round < rounds; round++) {
    const lone = await callbacks(service.url, 100, 1)
    const load = await callbacks(service.url, requests, connections)
    const store = await storeAlone(storeUrl, requests, connections)
    results.push({ lone, load, store, ratio: load.rate / store.rate })
  }
  console.log(`${rounds} rounds of ${requests} release callbacks, ${connections} connections; median (lowest to highest)`)
  console.log(`service            ${range(results.map(one => one.load.rate))} callbacks/s`)
  console.log(`store alone        ${range(results.map(one => one.store.rate))} callbacks/s`)
  console.log(`service : store    ${range(results.map(one => one.ratio), 2)}`)
  console.log(`p50                ${range(results.map(one => one.load.p50), 1)} ms`)
  console.log(`p99                ${range(results.map(one => one.load.p99), 1)} ms`)
  console.log(`one connection p50 ${range(results.map(one => one.lone.p50), 1)} ms, p99 ${range(results.map(one => one.lone.p99), 1)} ms`)
  console.log(`CPU of the service ${range(results.map(one => 1e6 * one.load.serviceCpuSeconds / requests))} µs a callback`)

  const sizes = [await service.memory()]
  const step = Math.max(1, Math.round(memoryRequests / 6))
  for (let done = 0; done < memoryRequests; done += step) {
    await callbacks(service.url, step, connections)
    sizes.push(await service.memory())
  }
  console.log(`memory after each ${step} more: ${sizes.map(({ heap, rss }) => `${heap} MB of heap in ${rss} MB`).join(', ')}`)
  await service.stop()
}
