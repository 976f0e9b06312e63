import t from 'tap'
import { check } from '../../examples/lab/check.ts'
import { caller, key, oldKey } from './broken.ts'
import { brokenContiple, contipleMistakes } from './broken-contiple.ts'
import { brokenHuaweiAicc, huaweiAiccMistakes } from './broken-huawei-aicc.ts'

const env = { CONTIPLE_KEY: key, AICC_SECRET: key, LAB_CALLER: caller, LAB_OLD_KEY: oldKey, LAB_AICC_DUPLICATES: 'refuse' }

const vendors = [
  { vendor: 'contiple', mistakes: contipleMistakes, start: brokenContiple, more: (_url: string) => ({}) },
  { vendor: 'huawei-aicc', mistakes: huaweiAiccMistakes, start: brokenHuaweiAicc, more: (url: string) => ({ LAB_AICC_CONNECTED_URL: `${url}/connected/gate` }) }
]

for (const { vendor, mistakes, start, more } of vendors) {
  t.test(`${vendor}: a service without mistakes passes, and each mistake is found`, async t => {
    for (const [mistake, finder] of [['', ''], ...Object.entries(mistakes)] as const) {
      const url = await start(t, mistake)
      const { exitCode, findings, text } = await check(['--vendor', vendor, '--target', `${url}/`], { ...env, ...more(url) })
      const wrong = findings.filter(({ verdict }) => verdict === 'wrong').map(({ name }) => name)
      if (mistake === '') t.same({ exitCode, wrong, skipped: findings.filter(({ verdict }) => verdict === 'skipped') }, { exitCode: 0, wrong: [], skipped: [] }, 'no mistake')
      else t.ok(exitCode === 1 && wrong.includes(finder), `${mistake}: found by ${wrong.join(', ')}`, { found: wrong.join(), text: exitCode === 2 ? text : undefined })
    }
  })
}
