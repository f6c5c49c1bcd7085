import { dialog } from 'electron'
import type { Speech } from '../../shared/words/speech.ts'

/** Asks before the relay is ended from the tray. The answer that changes nothing is the one for Enter and Escape. */
export async function askToQuit({ words }: Speech): Promise<boolean> {
  const { title, text, quit } = words.quitQuestion
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    message: title,
    detail: text,
    buttons: [words.cancel, quit],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  })
  return response === 1
}

/** Asks what closing the window means where no tray icon stays behind. */
export async function askHowToClose({ words }: Speech): Promise<'cancel' | 'run-on' | 'quit'> {
  const { title, text, runOn, quit } = words.closeQuestion
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: title,
    detail: text,
    buttons: [words.cancel, runOn, quit],
    defaultId: 1,
    cancelId: 0,
    noLink: true,
  })
  return (['cancel', 'run-on', 'quit'] as const)[response] ?? 'cancel'
}
