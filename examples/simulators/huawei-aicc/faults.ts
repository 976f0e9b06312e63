import { diagnosis } from 'fastify-contact-center/huawei-aicc'
import { explainAnswer } from '../shared/explain-answer.ts'
import type { Got, Suite } from '../shared/faults.ts'
import { parseObject, type WireAnswer } from '../shared/wire.ts'
import { type HuaweiAiccBench, minute, otherSecret, scheme } from './bench.ts'
import { faultsToAccept } from './faults-to-accept.ts'
import { faultsToRefuse } from './faults-to-refuse.ts'

const window = { pastMs: 5 * minute, futureMs: 5 * minute }

/** All faults for a service that receives callbacks. */
export const huaweiAiccSuite: Suite<HuaweiAiccBench> = {
  vendor: 'huawei-aicc',
  faults: [...faultsToAccept, ...faultsToRefuse],
  read: classifyAnswer,
  async explain (bench, sent, got) {
    return await explainAnswer(
      {
        scheme,
        diagnosis,
        key: bench.secret,
        otherKeys: [
          { id: 'another secret', secret: otherSecret },
          ...bench.oldSecret === undefined
            ? []
            : [{ id: 'the old secret', secret: bench.oldSecret }]
        ],
        now: bench.now(),
        window,
        replaceSignature: (request, signature) => ({
          ...request,
          body: Buffer.from(
            Buffer.from(request.body).toString().replace(
              /"signature":"[^"]*"/,
              () => `"signature":${JSON.stringify(signature)}`
            )
          )
        }),
        isAccepted: answer => classifyAnswer(answer) === 'accepted'
      },
      sent,
      got
    )
  }
}

/** The vendor reads `retCode`: anything but "0" is a failure, regardless of the status. */
function classifyAnswer ({ status, text }: WireAnswer): Got {
  if (status === null) return 'no answer'
  if (status >= 400) return status >= 500 ? 'failed' : 'refused'
  const retCode = parseObject(text)?.['retCode']
  if (typeof retCode !== 'string') return 'failed'
  return retCode === '0' ? 'accepted' : 'refused'
}
