import { Notification } from 'electron'

/** Those on the screen: one that is forgotten by the program can no longer be clicked. */
const shown = new Set<Notification>()

/** Shows a notification where the desktop can; a click shows the window. */
export function notify({ title, body }: { title: string; body: string }, onClick: () => void): void {
  if (!Notification.isSupported()) return
  const notification = new Notification({ title, body })
  shown.add(notification)
  notification.on('click', onClick)
  notification.on('close', () => shown.delete(notification))
  notification.show()
}
