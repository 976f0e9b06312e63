// Compares our HMAC with Node's createHmac: npm run test:hmac -- 1000000
import { compare } from './compare.ts'

const runs = Number(process.argv[2] ?? 1_000_000)
const faults = compare(runs)
for (const fault of faults.slice(0, 20)) console.error(fault)
console.log(
  `${runs} random keys, two messages each: ${faults.length} MACs differ from createHmac's`
)
process.exitCode = faults.length === 0 ? 0 : 1
