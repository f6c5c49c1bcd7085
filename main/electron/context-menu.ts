import { type ContextMenuParams, clipboard, Menu, type MenuItemConstructorOptions, type WebContents } from 'electron'
import type { Speech } from '../../shared/words/speech.ts'
import { isWebAddress } from './tabs/https-first.ts'

/** What is under the pointer. */
type Under = Pick<ContextMenuParams, 'linkURL' | 'isEditable' | 'selectionText' | 'editFlags'>

/** What a right click offers there; empty where there is nothing to offer. `openBeside`: where links can be opened beside the page. */
function menuFor(
  { linkURL, isEditable, selectionText, editFlags: can }: Under,
  { words }: Speech,
  openBeside: ((url: string) => void) | undefined,
): MenuItemConstructorOptions[] {
  const { pageMenu } = words
  const link: MenuItemConstructorOptions[] = []
  if (openBeside && isWebAddress(linkURL)) link.push({ label: pageMenu.openLink, click: () => openBeside(linkURL) })
  // What the system does not take is not on the clipboard, which is seen.
  if (openBeside && linkURL !== '') link.push({ label: pageMenu.copyLink, click: () => clipboard.writeText(linkURL).catch(() => {}) })
  const copy = { label: pageMenu.copy, role: 'copy', enabled: can.canCopy } as const
  if (isEditable)
    return [
      ...link,
      { label: pageMenu.cut, role: 'cut', enabled: can.canCut },
      copy,
      { label: pageMenu.paste, role: 'paste', enabled: can.canPaste },
      { type: 'separator' },
      { label: pageMenu.selectAll, role: 'selectAll', enabled: can.canSelectAll },
    ]
  return selectionText.trim() === '' ? link : [...link, copy]
}

/** Offers the menu that people expect of a right click, which Electron has none of. */
export function offerContextMenu(contents: WebContents, speech: () => Speech, openBeside?: (url: string) => void): void {
  contents.on('context-menu', (_event, under) => {
    const items = menuFor(under, speech(), openBeside)
    if (items.length > 0) Menu.buildFromTemplate(items).popup()
  })
}
