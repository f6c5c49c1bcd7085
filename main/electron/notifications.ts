import { Notification } from 'electron'

/**
 * The newest: one that is forgotten by the program can no longer be clicked. Not until it is closed: on Windows it says that it is when it goes on into the
 * Action Center, where it can be clicked still.
 */
const shown: Notification[] = []
const MOST = 20

/** Shows a notification where the desktop can; a click shows the window. */
export function notify({ title, body }: { title: string; body: string }, onClick: () => void): void {
  if (!Notification.isSupported()) return
  const notification = new Notification({ title, body })
  shown.push(notification)
  if (shown.length > MOST) shown.shift()
  notification.on('click', onClick)
  notification.show()
}
