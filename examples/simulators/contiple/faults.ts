import { createScheme, diagnosis } from 'fastify-contact-center/contiple'
import { explainAnswer } from '../shared/explain-answer.ts'
import type { Got, Suite } from '../shared/faults.ts'
import type { WireAnswer } from '../shared/wire.ts'
import {
  changeSignature,
  type ContipleBench,
  type ContipleFault,
  minute,
  otherKey
} from './bench.ts'
import { faultsToAccept } from './faults-to-accept.ts'
import { faultsToRefuse } from './faults-to-refuse.ts'

// Not strict, to explain requests that the package's own rules would refuse.
const scheme = createScheme({ strict: false })
const window = { pastMs: 5 * minute, futureMs: 5 * minute }

/** All faults for a customer information API. */
export const contipleSuite: Suite<ContipleBench> = {
  vendor: 'contiple',
  faults: [...faultsToAccept, ...faultsToRefuse],
  read: classifyAnswer,
  async explain (bench, sent, got, { status }) {
    return await explainAnswer(
      {
        scheme,
        diagnosis,
        key: bench.key,
        otherKeys: [
          { id: 'another key', secret: otherKey },
          ...bench.oldKey === undefined ? [] : [{ id: 'the old key', secret: bench.oldKey }]
        ],
        now: bench.now(),
        window,
        replaceSignature: (request, signature) => changeSignature(request, () => signature),
        otherwise: status === 400
          ? 'To Contiple, 400 means that there is no such customer: name one that your service knows in LAB_CALLER. For a wrong signature, answer 403.'
          : undefined,
        isAccepted: answer => answer.status === 200
      },
      sent,
      got
    )
  }
}

/** To Contiple, 400 means "no result found": the signature was valid. */
function classifyAnswer ({ status }: WireAnswer, { contentMayBeRefused }: ContipleFault): Got {
  if (status === null) return 'no answer'
  if (status === 200 || (status === 400 && contentMayBeRefused === true)) return 'accepted'
  return status >= 400 && status < 500 ? 'refused' : 'failed'
}
