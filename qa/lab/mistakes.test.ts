import t, { type Test } from 'tap'
import { check } from '../../examples/lab/check.ts'
import { onlineContactSimulator } from '../../examples/simulators/online-contact/app.ts'
import { caller, key, oldKey } from '../../test/lab/broken.ts'
import { brokenContiple, contipleMistakes } from '../../test/lab/broken-contiple.ts'
import { brokenHuaweiAicc, huaweiAiccMistakes } from '../../test/lab/broken-huawei-aicc.ts'
import {
  brokenCscSigner,
  brokenItxSigner,
  cscMistakes,
  itxMistakes
} from '../../test/lab/broken-signers.ts'
import { brokenSite, site, siteMistakes } from '../../test/lab/broken-site.ts'

const env = {
  CONTIPLE_KEY: key,
  AICC_SECRET: key,
  ITX_SECRET: key,
  ORACLE_CSC_KEY: key,
  ONLINE_CONTACT_KEY: key,
  LAB_CALLER: caller,
  LAB_OLD_KEY: oldKey,
  LAB_AICC_DUPLICATES: 'refuse'
}

// Fixtures with a server-side login call this simulator.
const standIn = await onlineContactSimulator({ key, service: site.service })
t.teardown(() => standIn.close())
const origin = await standIn.listen({ host: '127.0.0.1', port: 0 })

interface Row {
  vendor: string
  mistakes: Record<string, string>
  start: (t: Test, mistake: string) => Promise<string>
  path?: string
  more?: (url: string) => Record<string, string>
  /** The cases that the fixture does not support. */
  skipped?: string[]
}

const vendors: Row[] = [
  { vendor: 'contiple', mistakes: contipleMistakes, start: brokenContiple },
  {
    vendor: 'huawei-aicc',
    mistakes: huaweiAiccMistakes,
    start: brokenHuaweiAicc,
    more: url => ({ LAB_AICC_CONNECTED_URL: `${url}/connected/gate` })
  },
  {
    vendor: 'itx-chat',
    mistakes: itxMistakes,
    start: brokenItxSigner,
    more: () => ({ LAB_METHOD: 'POST' }),
    skipped: ['guest']
  },
  {
    vendor: 'oracle-csc',
    mistakes: cscMistakes,
    start: brokenCscSigner,
    path: '/?callerId={callerId}&callId={callId}',
    more: () => ({ LAB_COOKIE: 'agent=1' }),
    skipped: ['non-ascii', 'odd-name', 'slow-body']
  },
  {
    vendor: 'online-contact',
    mistakes: siteMistakes,
    start: async (t, mistake) => await brokenSite(t, mistake, origin),
    path: '/login',
    more: url => ({
      LAB_COOKIE: site.cookie,
      LAB_ONLINE_CONTACT_ORIGIN: origin,
      LAB_MEMBER_STATUS_URL: `${url}/status`,
      LAB_MEMBER_VERIFY_TOKEN_URL: `${url}/verify`,
      LAB_MEMBER_LINK_URL: `${url}/link`,
      LAB_MEMBER_SERVER_LOGIN_URL: `${url}/server`,
      LAB_MEMBER_SIGN_URL: `${url}/sign`
    })
  }
]

for (const { vendor, mistakes, start, path = '/', more = () => ({}), skipped = [] } of vendors) {
  t.test(`${vendor}: a service without mistakes passes, and each mistake is found`, async t => {
    for (const [mistake, finder] of [['', ''], ...Object.entries(mistakes)] as const) {
      const url = await start(t, mistake)
      // Runs only the case that must find the mistake: the other sixty or so find little more and
      // take time.
      const only = finder === '' ? [] : ['--only', finder]
      const { exitCode, findings, text } = await check([
        '--vendor',
        vendor,
        '--target',
        url + path,
        ...only
      ], { ...env, ...more(url) })
      const wrongNames = findings.filter(({ verdict }) => verdict === 'wrong').map(({ name }) =>
        name
      )
      if (mistake === '') {
        t.same(
          {
            exitCode,
            wrong: wrongNames,
            skipped: findings.filter(({ verdict }) => verdict === 'skipped').map(({ name }) => name)
          },
          { exitCode: 0, wrong: [], skipped },
          'no mistake'
        )
      } else {t.ok(
          exitCode === 1 && wrongNames.includes(finder),
          `${mistake}: found by ${wrongNames.join(', ')}`,
          { found: wrongNames.join(), text: exitCode === 2 ? text : undefined }
        )}
    }
  })
}
