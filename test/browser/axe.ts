import axe from 'axe-core'
import type { Page } from 'playwright-core'

interface Violation {
  id: string
  impact: string | null
  nodes: Array<{ html: string }>
}

/**
 * Issues that axe-core rates as serious or critical. The browser context needs `bypassCSP`, because
 * the pages' policies do not allow the script of axe.
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
