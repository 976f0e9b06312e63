import type { FastifyInstance } from 'fastify'
import { integrationService, type Overrides } from '../integration-service/app.ts'
import { type Config, loadConfig } from '../integration-service/config.ts'
import { demoApp, demoSecrets } from '../integration-service/demo-secrets.ts'
import { seedDemo } from '../integration-service/store/seed.ts'
import { contipleSimulator } from '../simulators/contiple/app.ts'
import { huaweiAiccSimulator } from '../simulators/huawei-aicc/app.ts'
import { tokenPath } from '../simulators/huawei-aicc/tokens.ts'
import { itxChatSimulator } from '../simulators/itx-chat/app.ts'
import { lineSimulator } from '../simulators/line/app.ts'
import { onlineContactSimulator } from '../simulators/online-contact/app.ts'
import { oracleCscSimulator } from '../simulators/oracle-csc/app.ts'
import { twilioSimulator } from '../simulators/twilio/app.ts'
import { whatsappSimulator } from '../simulators/whatsapp/app.ts'
import { freePort } from './free-port.ts'

/** The parts in the order of their ports, starting at the first port. */
export const partNames = [
  'service',
  'oracleCsc',
  'contiple',
  'onlineContact',
  'itxChat',
  'huaweiAicc',
  'whatsapp',
  'line',
  'twilio'
] as const
export type Part = typeof partNames[number]

/** The service and the simulated vendors, connected by real HTTP on loopback. */
export interface Stack {
  readonly config: Config
  readonly service: FastifyInstance
  /** The base URL of each part, without a trailing slash. */
  readonly urls: Readonly<Record<Part, string>>
  close(): Promise<void>
}

export interface StackOptions {
  /** The service's port; the simulators use the next ones. 0 picks free ports. */
  firstPort: number
  /** Service settings that override the demo's. */
  env?: Record<string, string | undefined>
  /** Keys for the simulated vendors instead of the service's, to demonstrate a mismatch. */
  vendorKeys?: { [Name in keyof typeof demoSecrets | keyof typeof demoApp]?: string }
  /**
   * Milliseconds until a simulated call connects, and until it is then released. Messages are
   * delivered and read after `connect`. Without it, they wait for the lab page.
   */
  autoRun?: { connect: number, release: number }
  overrides?: Overrides
}

const onlineContactService = 'demo'
/** Short, so that viewers see tokens expire and be renewed. */
const tokenSeconds = 120
const whatsappNumber = '106540352242922'

/** Starts all parts. If one fails to start, closes the others. */
export async function startStack (
  { firstPort, env = {}, vendorKeys = {}, autoRun, overrides }: StackOptions
): Promise<Stack> {
  const urls = await chooseUrls(firstPort)
  const config = loadConfig({ ...demoSettings(urls, env), ...env })
  const vendorSecrets = { ...demoSecrets, ...demoApp, ...vendorKeys }
  const apps: FastifyInstance[] = []
  const listen = async (part: Part, app: FastifyInstance): Promise<FastifyInstance> => {
    apps.push(app)
    await app.listen({ host: '127.0.0.1', port: Number(new URL(urls[part]).port) })
    return app
  }
  const close = async (): Promise<void> => {
    await Promise.all(apps.map(async app => await app.close()))
  }

  try {
    const { service: serviceUrl } = urls
    await listen(
      'oracleCsc',
      await oracleCscSimulator({
        key: vendorSecrets.ORACLE_CSC_KEY,
        targetUrl: `${serviceUrl}/api/calls/NUMBER/screen-pop`,
        method: 'POST'
      })
    )
    await listen(
      'contiple',
      await contipleSimulator({
        key: vendorSecrets.CONTIPLE_KEY,
        lookupUrl: `${serviceUrl}/contiple/customer`
      })
    )
    await listen(
      'onlineContact',
      await onlineContactSimulator({
        key: vendorSecrets.ONLINE_CONTACT_KEY,
        service: onlineContactService,
        loginUrl: `${serviceUrl}/member/login`,
        statusUrl: `${serviceUrl}/member/login-status`,
        verifyTokenUrl: `${serviceUrl}/member/verify-token`,
        linkUrl: `${serviceUrl}/member/help?way=link`,
        serverLoginUrl: `${serviceUrl}/member/help?way=server`,
        url: urls.onlineContact
      })
    )
    await listen(
      'itxChat',
      await itxChatSimulator({
        secret: vendorSecrets.ITX_SECRET,
        origins: serviceUrl,
        sessionUrl: `${serviceUrl}/chat/session`
      })
    )
    await listen(
      'huaweiAicc',
      await huaweiAiccSimulator({
        secret: vendorSecrets.AICC_SECRET,
        accessToken: vendorSecrets.AICC_ACCESS_TOKEN,
        appKey: vendorSecrets.AICC_APP_KEY,
        appSecret: vendorSecrets.AICC_APP_SECRET,
        tokenSeconds: String(tokenSeconds),
        connectedUrl: `${serviceUrl}/aicc/connected/${config.AICC_GATE}`,
        releasedUrl: `${serviceUrl}/aicc/released`,
        duplicates: 'accept',
        ...autoRun &&
          {
            ringMs: String(autoRun.connect / 2),
            talkMs: String(autoRun.connect / 2),
            releaseMs: String(autoRun.release)
          }
      })
    )
    await listen(
      'whatsapp',
      await whatsappSimulator({
        appSecret: vendorSecrets.WHATSAPP_APP_SECRET,
        accessToken: vendorSecrets.WHATSAPP_ACCESS_TOKEN,
        verifyToken: vendorSecrets.WHATSAPP_VERIFY_TOKEN,
        phoneNumberId: whatsappNumber,
        webhookUrl: `${serviceUrl}/whatsapp`,
        ...autoRun && { statusMs: autoRun.connect }
      })
    )
    await listen(
      'line',
      await lineSimulator({
        channelSecret: vendorSecrets.LINE_CHANNEL_SECRET,
        accessToken: vendorSecrets.LINE_CHANNEL_ACCESS_TOKEN,
        webhookUrl: `${serviceUrl}/line`
      })
    )
    await listen(
      'twilio',
      await twilioSimulator({
        authToken: vendorSecrets.TWILIO_AUTH_TOKEN,
        voiceUrl: `${serviceUrl}/twilio/voice`,
        statusUrl: `${serviceUrl}/twilio/status`,
        ...autoRun
          ? { autoRun: { answer: autoRun.connect, talk: autoRun.release } }
          : { secondMs: 25 }
      })
    )
    const service = await integrationService(config, overrides)
    await seedDemo(service.store)
    await listen('service', service)
    return { config, service, urls, close }
  } catch (error) {
    await close()
    throw error
  }
}

function demoSettings (
  urls: Record<Part, string>,
  { AICC_ACCESS_TOKEN: fixedToken }: Record<string, string | undefined>
): Record<string, string> {
  return {
    ...demoSecrets,
    // Used unless a fixed token is set.
    ...!fixedToken && {
      AICC_ACCESS_TOKEN: '',
      AICC_TOKEN_URL: urls.huaweiAicc + tokenPath,
      ...demoApp
    },
    PORT: new URL(urls.service).port,
    PUBLIC_URL: urls.service,
    DATABASE_URL: 'file:./data/demo.db',
    ORACLE_CSC_URL: `${urls.oracleCsc}/agent/main`,
    ONLINE_CONTACT_URL: urls.onlineContact,
    ONLINE_CONTACT_SERVICE: onlineContactService,
    ITX_PLUGIN_URL: `${urls.itxChat}/itx-plugin.js`,
    AICC_URL: urls.huaweiAicc,
    WHATSAPP_PHONE_NUMBER_ID: whatsappNumber,
    WHATSAPP_URL: `${urls.whatsapp}/v23.0`,
    LINE_URL: urls.line,
    MEMBER_RETURN_HOSTS: new URL(urls.onlineContact).host,
    ONLINE_CONTACT_ORIGINS: urls.onlineContact,
    DOCS_SIGNER: String(process.env['NODE_ENV'] !== 'production'),
    LOG_LEVEL: 'warn'
  }
}

/** Each part needs all addresses before the first one listens. */
async function chooseUrls (firstPort: number): Promise<Record<Part, string>> {
  const servers = firstPort === 0
    ? await Promise.all(partNames.map(async () => await freePort()))
    : undefined
  const entries = partNames.map((
    name,
    index
  ) => [name, `http://127.0.0.1:${servers?.[index] ?? firstPort + index}`])
  return Object.fromEntries(entries) as Record<Part, string>
}
