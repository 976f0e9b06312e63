import axe from 'axe-core'
import type { Page } from 'playwright-core'

interface Violation {
  id: string
  impact: string | null
  nodes: Array<{ html: string }>
}

/**
 * What axe-core calls serious or critical on the page. Its context needs `bypassCSP`: axe is a
 * script of ours that the pages' policies rightly know nothing of.
 */
export async function seriousIssues (page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const violations = await page.evaluate<Violation[]>(
    'axe.run(document).then(result => result.violations)'
  )
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map((
    { id, nodes }
  ) => `${id}: ${nodes[0]?.html ?? ''}`)
}
