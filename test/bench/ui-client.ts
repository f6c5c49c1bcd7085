import { WebSocket } from 'ws'

/** A UI without a screen: logs in as a browser does, and takes what the headless host sends. */
export class UiClient {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (result: unknown) => void>()
  #lastId = 0
  patches = 0
  bytes = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', data => {
      const text = String(data)
      this.bytes += text.length
      const frame = JSON.parse(text)
      if (frame.event === 'state') this.patches++
      else {
        this.#waiting.get(frame.id)?.(frame.result)
        this.#waiting.delete(frame.id)
      }
    })
  }

  /** `address`: as the host prints it, good for one login. */
  static async open(address: string): Promise<UiClient> {
    const { origin, host } = new URL(address)
    const login = await fetch(address, { redirect: 'manual' })
    const cookie = login.headers.get('set-cookie')?.split(';')[0]
    if (!cookie) throw new Error(`no login: ${login.status}`)
    const socket = new WebSocket(`ws://${host}/ws`, { headers: { cookie, origin } })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return new UiClient(socket)
  }

  call(name: string, argument?: unknown): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise(resolve => {
      this.#waiting.set(id, resolve)
      this.#socket.send(JSON.stringify({ id, call: name, argument }))
    })
  }

  async close(): Promise<void> {
    this.#socket.close()
    await new Promise(resolve => this.#socket.once('close', resolve))
  }
}
