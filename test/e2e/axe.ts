import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe finds fault with on a page, one line each: by all of its rules, or of them only some, or all but some. */
export async function axeViolations(page: Page, rules: { only?: string[]; without?: string[] } = {}): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source)
  return page.evaluate(async ({ only, without = [] }) => {
    // A colour that is still on its way to another one has a contrast of its own.
    await Promise.all(document.getAnimations().map(one => one instanceof CSSTransition && one.finished.catch(() => {})))
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run(document, {
      ...(only && { runOnly: only }),
      rules: Object.fromEntries(without.map(rule => [rule, { enabled: false }])),
    })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join(', ')}`)
  }, rules)
}

/** In the dark theme the same elements have other colours, so only these are looked at again. */
export const themeRules = (theme: 'light' | 'dark') => (theme === 'dark' ? { only: ['color-contrast'] } : {})
