import { dialog } from 'electron'
import type { Problem } from '../../shared/problem.ts'
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

/** Says why the app does not start: a sentence, and below it `facts`, for whoever can help. */
export function tellStartProblem({ words }: Speech, { code }: Problem, facts: string): void {
  const sentences: Readonly<Record<string, string>> = words.startProblems
  const sentence = Object.hasOwn(sentences, code) ? sentences[code] : words.startProblems.other
  dialog.showErrorBox(words.cannotStart, `${sentence}\n\n${facts}`)
}
