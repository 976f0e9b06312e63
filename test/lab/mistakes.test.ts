import t, { type Test } from 'tap'
import { check } from '../../examples/lab/check.ts'
import { caller, key, oldKey } from './broken.ts'
import { brokenContiple, contipleMistakes } from './broken-contiple.ts'
import { brokenHuaweiAicc, huaweiAiccMistakes } from './broken-huawei-aicc.ts'
import { brokenCscSigner, brokenItxSigner, brokenSite, cscMistakes, itxMistakes, site, siteMistakes } from './broken-signers.ts'

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

interface Row {
  vendor: string
  mistakes: Record<string, string>
  start: (t: Test, mistake: string) => Promise<string>
  path?: string
  more?: (url: string) => Record<string, string>
  /** What the fixture is not made for. */
  skipped?: string[]
}

const vendors: Row[] = [
  { vendor: 'contiple', mistakes: contipleMistakes, start: brokenContiple },
  { vendor: 'huawei-aicc', mistakes: huaweiAiccMistakes, start: brokenHuaweiAicc, more: url => ({ LAB_AICC_CONNECTED_URL: `${url}/connected/gate` }) },
  { vendor: 'itx-chat', mistakes: itxMistakes, start: brokenItxSigner, more: () => ({ LAB_METHOD: 'POST' }), skipped: ['guest'] },
  { vendor: 'oracle-csc', mistakes: cscMistakes, start: brokenCscSigner, path: '/?callerId={callerId}&callId={callId}', more: () => ({ LAB_COOKIE: 'agent=1' }), skipped: ['non-ascii', 'odd-name'] },
  {
    vendor: 'online-contact',
    mistakes: siteMistakes,
    start: brokenSite,
    path: '/login',
    more: url => ({
      LAB_COOKIE: site.cookie, LAB_ONLINE_CONTACT_ORIGIN: site.origin, LAB_MEMBER_STATUS_URL: `${url}/status`, LAB_MEMBER_VERIFY_TOKEN_URL: `${url}/verify`, LAB_MEMBER_LINK_URL: `${url}/link`
    })
  }
]

for (const { vendor, mistakes, start, path = '/', more = () => ({}), skipped = [] } of vendors) {
  t.test(`${vendor}: a service without mistakes passes, and each mistake is found`, async t => {
    for (const [mistake, finder] of [['', ''], ...Object.entries(mistakes)] as const) {
      const url = await start(t, mistake)
      const { exitCode, findings, text } = await check(['--vendor', vendor, '--target', url + path], { ...env, ...more(url) })
      const wrong = findings.filter(({ verdict }) => verdict === 'wrong').map(({ name }) => name)
      if (mistake === '') t.same({ exitCode, wrong, skipped: findings.filter(({ verdict }) => verdict === 'skipped').map(({ name }) => name) }, { exitCode: 0, wrong: [], skipped }, 'no mistake')
      else t.ok(exitCode === 1 && wrong.includes(finder), `${mistake}: found by ${wrong.join(', ')}`, { found: wrong.join(), text: exitCode === 2 ? text : undefined })
    }
  })
}
