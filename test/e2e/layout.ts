import type { Page } from 'playwright-core'

/** Faults that last, of those that are looked for: what depends on the size of the window is drawn anew some frames after it. */
export async function lasting(find: () => Promise<string[]>, ms = 2000): Promise<string[]> {
  const end = Date.now() + ms
  for (;;) {
    const faults = await find()
    if (faults.length === 0 || Date.now() > end) return faults
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Whether the present screen is wider than its room. */
export function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    await new Promise(resolve => requestAnimationFrame(resolve))
    const boxes = [document.querySelector('main')!, document.documentElement]
    return boxes
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ scrollWidth, clientWidth }) => `${scrollWidth} px wide in ${clientWidth} px`)
  })
}

/** What a person could not read or reach of the present screen: too wide, cut off, on top of each other. One line each. */
export function layoutFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = []
    const main = document.querySelector('main')!
    const name = (element: Element) => {
      const text = (element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40)
      return `${element.tagName.toLowerCase()}${element.className && typeof element.className === 'string' ? `.${element.className.split(' ')[0]}` : ''} "${text}"`
    }
    const wide = Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth)
    if (wide > 1) faults.push(`the page is ${wide} px too wide`)

    const { scrollHeight } = document.documentElement
    if (scrollHeight > innerHeight + 1) faults.push(`the window scrolls beside its page: ${scrollHeight} px in ${innerHeight}`)

    // Only what is drawn: not what is folded away, nor what only screen readers have.
    const unseen = new Set<Element>()
    for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
      const { clientWidth, clientHeight } = element
      const hidden = getComputedStyle(element).opacity === '0' || (clientWidth === 1 && clientHeight === 1)
      if (hidden || unseen.has(element.parentElement!) || element.matches('.skip-link')) unseen.add(element)
    }
    const seen = (element: Element) =>
      !unseen.has(element) && element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
    const scrolls = (style: CSSStyleDeclaration) => /auto|scroll/.test(style.overflowX) || /auto|scroll/.test(style.overflowY)
    for (const element of document.body.querySelectorAll('*')) {
      if (!(element instanceof HTMLElement) || !seen(element)) continue
      const style = getComputedStyle(element)
      const hides = /hidden|clip/.test(style.overflowX) || /hidden|clip/.test(style.overflowY)
      if (hides && !scrolls(style) && style.textOverflow !== 'ellipsis') {
        if (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1)
          faults.push(`cut off: ${name(element)}`)
      }
    }

    /** What of a box is to be seen within all that cuts it off. */
    const clips = new Map<Element, { left: number; top: number; right: number; bottom: number }>()
    const clip = (element: Element): { left: number; top: number; right: number; bottom: number } => {
      const known = clips.get(element)
      if (known) return known
      const all = { left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 }
      const outer = element.parentElement ? clip(element.parentElement) : all
      const cuts = getComputedStyle(element).overflowX !== 'visible'
      const { left, top, right, bottom } = cuts ? element.getBoundingClientRect() : all
      const found = {
        left: Math.max(left, outer.left),
        top: Math.max(top, outer.top),
        right: Math.min(right, outer.right),
        bottom: Math.min(bottom, outer.bottom),
      }
      clips.set(element, found)
      return found
    }
    const shown = (element: Element, box: DOMRect) => {
      const { left, top, right, bottom } = clip(element)
      const [x, y] = [Math.max(left, box.left), Math.max(top, box.top)]
      return new DOMRect(x, y, Math.max(0, Math.min(right, box.right) - x), Math.max(0, Math.min(bottom, box.bottom) - y))
    }

    // Controls and lines of text must not lie over one another.
    const parts: { element: Element; box: DOMRect }[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement!
      if (!node.nodeValue?.trim() || !seen(parent) || parent.closest('select, svg')) continue
      const range = document.createRange()
      range.selectNodeContents(node)
      for (const whole of range.getClientRects()) {
        const box = shown(parent, whole)
        if (box.width > 1 && box.height > 1) parts.push({ element: parent, box })
      }
    }
    for (const control of document.querySelectorAll('input, select, textarea, button')) {
      if (!seen(control)) continue
      const box = shown(control, control.getBoundingClientRect())
      if (box.width > 1 && box.height > 1) parts.push({ element: control, box })
    }
    // What scrolls within one box does not lie over what is outside it, wherever it has been scrolled to.
    const layers = new Map<Element, Element>()
    const layer = (element: Element): Element => {
      const known = layers.get(element)
      if (known) return known
      const own = element === document.body || element.matches('.save-bar, dialog, .rail') || scrolls(getComputedStyle(element))
      const found = own ? element : layer(element.parentElement!)
      layers.set(element, found)
      return found
    }
    parts.sort((a, b) => a.box.top - b.box.top)
    for (const [i, a] of parts.entries()) {
      for (const b of parts.slice(i + 1)) {
        if (b.box.top >= a.box.bottom) break
        if (a.element.contains(b.element) || b.element.contains(a.element) || layer(a.element) !== layer(b.element)) continue
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
        const down = Math.min(a.box.bottom, b.box.bottom) - b.box.top
        // Glyphs may touch; a third of a line on another one cannot be read.
        if (across > 2 && down > Math.min(a.box.height, b.box.height) / 3)
          faults.push(`over one another: ${name(a.element)} and ${name(b.element)}`)
      }
    }
    return faults
  })
}
