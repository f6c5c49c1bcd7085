// The window of a headless relay as its owner has it, on the relay's own host.
import { once } from 'node:events'
import { request } from 'node:http'
import { WebSocket } from 'ws'

let socket: WebSocket | undefined
let counter = 0

/** Opens the window. `address`: as the program prints it, with its token. */
export async function openWindow(address: string): Promise<void> {
  const url = new URL(address)
  const asked = request(url, { agent: false })
  asked.end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  const cookie = String(answer.headers['set-cookie']?.[0]).split(';')[0]!
  socket = new WebSocket(`ws://${url.host}/ws`, { headers: { origin: url.origin, cookie } })
  await once(socket, 'open')
}

/** A call of the contract; rejects with the code of the problem. */
export async function call(name: string, argument?: unknown): Promise<unknown> {
  const id = ++counter
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const onMessage = (data: unknown) => {
    const frame = JSON.parse(String(data)) as { id?: number; problem?: { code: string }; result?: unknown }
    if (frame.id !== id) return
    socket!.off('message', onMessage)
    if (frame.problem) reject(new Error(frame.problem.code))
    else resolve(frame.result)
  }
  socket!.on('message', onMessage)
  socket!.send(JSON.stringify({ id, call: name, argument }))
  return promise
}

export function closeWindow(): void {
  socket?.terminate()
}
