import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { LANGUAGES } from '../../shared/settings.ts'
import { sampleState } from '../renderer/sample-state.ts'
import { SCENES } from '../renderer/scenes.ts'
import type { TestWindow } from '../renderer/window.ts'
import { axeViolations } from './axe.ts'
import { lasting, layoutFaults } from './layout.ts'
import { uiWindows } from './ui-window.ts'

/** The smallest window, the same at 200 %, and a large one. */
const SIZES = [
  { width: 900, height: 600 },
  { width: 450, height: 300 },
  { width: 1920, height: 1080 },
]

/** The elements that had the focus, in the page: each is the same one wherever others come and go around it. */
interface Stops {
  stops: HTMLElement[]
}

/** What has the focus, in the page; undefined: nothing has. */
function focusStop() {
  const element = document.activeElement
  if (!(element instanceof HTMLElement) || element === document.body) return undefined
  // What is drawn for a hidden box (a segment of a choice, a switch) is its label or the next to it.
  const drawn = [element, ...(element.parentElement ? [element.parentElement, ...element.parentElement.children] : [])]
  const marked = drawn.some(one => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
    return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
  })
  const { stops } = window as unknown as Stops
  const at = stops.includes(element) ? stops.indexOf(element) : stops.push(element) - 1
  return { at, name: `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 40) ?? ''}`, marked }
}

/** Whether what has the focus is in view, or comes into it: what is drawn above it may still be on its way. */
function inView(page: Page): Promise<boolean> {
  return page
    .waitForFunction(
      () => {
        const box = document.activeElement!.getBoundingClientRect()
        return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
      },
      undefined,
      { timeout: 2000 },
    )
    .then(
      () => true,
      () => false,
    )
}

describe('every screen', { timeout: 180_000 }, () => {
  const openWindow = uiWindows()
  let window: TestWindow
  before(async () => {
    ;({ window } = await openWindow(sampleState('consent')))
  })

  for (const language of LANGUAGES)
    test(`in ${language}: nothing is too wide, cut off or over something else, from 900 × 600 to large, and at 200 %`, async () => {
      const wrong: string[] = []
      for (const size of SIZES) {
        await window.page.setViewportSize(size)
        for (const scene of SCENES) {
          const state = scene.state()
          await window.show({ ...state, settings: { ...state.settings, language } }, scene.view)
          await window.page.waitForFunction(lang => document.documentElement.lang === lang, language)
          for (const fault of await lasting(() => layoutFaults(window.page))) wrong.push(`${scene.name} at ${size.width} px: ${fault}`)
        }
      }
      assert.deepEqual(wrong, [])
      assert.deepEqual(window.faults, [])
    })

  test('what looks for such faults finds them', async () => {
    await window.page.setViewportSize(SIZES[0]!)
    await window.show(sampleState('unlocked'), 'home')
    const found = await window.page.evaluateHandle(() => {
      const add = (text: string, style: Partial<CSSStyleDeclaration>) => {
        const element = document.createElement('p')
        element.textContent = text
        Object.assign(element.style, style)
        document.querySelector('.page')!.append(element)
        return element
      }
      const title = document.querySelector('h1')!.getBoundingClientRect()
      return [
        add('much too wide', { minWidth: '3000px' }),
        add('cut off in the middle of a word', { width: '30px', overflow: 'hidden', whiteSpace: 'nowrap' }),
        add('on top', { position: 'fixed', left: `${title.left}px`, top: `${title.top}px` }),
      ]
    })
    const faults = (await layoutFaults(window.page)).join('\n')
    for (const fault of [/too wide/, /cut off: p "cut off in the middle/, /over one another: .*"on top"/]) assert.match(faults, fault)
    await found.evaluate(elements => {
      for (const element of elements) element.remove()
    })
  })

  test('in high contrast: accessible', async () => {
    const { page } = window
    await page.setViewportSize({ width: 1180, height: 800 })
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' })
    const wrong: string[] = []
    for (const scene of SCENES) {
      await window.show(scene.state(), scene.view)
      // The colours are the system's own then, and axe still reckons with some of ours.
      const found = await axeViolations(page, { without: ['color-contrast'] })
      for (const violation of found) wrong.push(`${scene.name}: ${violation}`)
    }
    await page.emulateMedia({ forcedColors: 'none', reducedMotion: 'reduce' })
    assert.deepEqual(wrong, [])
  })

  test('by Tab and back by Shift-Tab: every stop is seen and in view, none is a trap', async () => {
    const { page } = window
    await page.setViewportSize(SIZES[0]!)
    const wrong: string[] = []
    for (const scene of SCENES) {
      const state = scene.state()
      await window.show(state, scene.view)
      await page.evaluate(() => {
        ;(document.activeElement as HTMLElement | null)?.blur()
        getSelection()?.removeAllRanges()
        document.body.tabIndex = -1
        document.body.focus()
        document.body.removeAttribute('tabindex')
        ;(window as unknown as Stops).stops = []
      })
      const stop = () => page.evaluate(focusStop)
      const there: number[] = []
      for (let presses = 0; presses < 150; presses++) {
        await page.keyboard.press('Tab')
        const now = await stop()
        if (!now) break
        if (there.includes(now.at)) {
          if (there.at(-1) === now.at) wrong.push(`${scene.name}: a trap at ${now.name}`)
          break
        }
        there.push(now.at)
        if (!now.marked) wrong.push(`${scene.name}: the focus is not to be seen on ${now.name}`)
        if (!(await inView(page))) wrong.push(`${scene.name}: out of view: ${now.name}`)
      }
      if (there.length < 7) wrong.push(`${scene.name}: only ${there.length} stops`)
      // From the last one back to the first.
      await page.evaluate(last => (window as unknown as Stops).stops[last]!.focus(), there.at(-1)!)
      const back: number[] = [there.at(-1)!]
      for (let presses = 1; presses < there.length; presses++) {
        await page.keyboard.press('Shift+Tab')
        back.push((await stop())?.at ?? -1)
      }
      if (back.toReversed().join() !== there.join()) wrong.push(`${scene.name}: back is another way`)
    }
    assert.deepEqual(wrong, [])
  })
})
