import type { FastifyInstance } from 'fastify'
import { contipleSimulator } from '../simulators/contiple/app.ts'
import { huaweiAiccSimulator } from '../simulators/huawei-aicc/app.ts'
import { itxChatSimulator } from '../simulators/itx-chat/app.ts'
import { onlineContactSimulator } from '../simulators/online-contact/app.ts'
import { oracleCscSimulator } from '../simulators/oracle-csc/app.ts'
import type { Expected } from '../simulators/shared/faults.ts'
import type { LabConfig } from './settings.ts'

export interface Lab {
  /** Where each vendor's side listens, by the vendor's name, without a slash at the end. */
  readonly urls: Readonly<Record<string, string>>
  close (): Promise<void>
}

/** Starts the five vendors' side on loopback; what had started is closed again when one cannot. */
export async function startLab (config: LabConfig): Promise<Lab> {
  const apps: FastifyInstance[] = []
  const urls: Record<string, string> = {}
  const firstPort = Number(config.LAB_PORT)
  const close = async (): Promise<void> => { await Promise.all(apps.map(async app => await app.close())) }
  try {
    for (const [vendor, create] of Object.entries(vendors)) {
      const port = firstPort === 0 ? 0 : firstPort + apps.length
      const app = await create(config, port === 0 ? undefined : `http://127.0.0.1:${port}`)
      apps.push(app)
      urls[vendor] = await app.listen({ host: '127.0.0.1', port })
    }
  } catch (error) {
    await close()
    throw error
  }
  return { urls, close }
}

/** In the order of their ports. */
const vendors: Record<string, (config: LabConfig, url: string | undefined) => Promise<FastifyInstance>> = {
  'oracle-csc': async config => await oracleCscSimulator({
    key: config.ORACLE_CSC_KEY, hash: config.LAB_CSC_HASH as 'required' | 'off', checkCallId: config.LAB_CSC_CHECK_CALL_ID === 'on', targetUrl: config.LAB_CSC_URL
  }),
  contiple: async config => await contipleSimulator({ key: config.CONTIPLE_KEY, lookupUrl: config.LAB_CONTIPLE_URL, caller: config.LAB_CALLER }),
  'online-contact': async (config, url) => await onlineContactSimulator({
    key: config.ONLINE_CONTACT_KEY,
    service: config.ONLINE_CONTACT_SERVICE,
    loginUrl: config.LAB_MEMBER_LOGIN_URL,
    statusUrl: config.LAB_MEMBER_STATUS_URL,
    verifyTokenUrl: config.LAB_MEMBER_VERIFY_TOKEN_URL,
    ...url !== undefined && { url }
  }),
  'itx-chat': async config => await itxChatSimulator({ secret: config.ITX_SECRET, allowedOrigins: config.LAB_ITX_ORIGINS.split(',').map(origin => origin.trim()), sessionUrl: config.LAB_ITX_URL }),
  'huawei-aicc': async config => await huaweiAiccSimulator({
    secret: config.AICC_SECRET,
    accessToken: config.AICC_ACCESS_TOKEN,
    connectedUrl: config.LAB_AICC_CONNECTED_URL,
    releasedUrl: config.LAB_AICC_RELEASED_URL,
    authentication: config.LAB_AICC_AUTHENTICATION as 'shared-key' | 'none',
    duplicates: config.LAB_AICC_DUPLICATES as Expected,
    ...config.LAB_AICC_AUTO_RUN_MS !== '' && { autoRun: Number(config.LAB_AICC_AUTO_RUN_MS) }
  })
}
