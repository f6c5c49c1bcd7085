import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

const TICK_MS = 20

/** Sends to whoever connects, for as long as they stay, at a rate that all of them share. */
export class PacedServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #timer: NodeJS.Timeout

  private constructor(server: Server, bytesPerSecond: number) {
    this.#server = server
    let last = performance.now()
    let owed = 0
    this.#timer = setInterval(() => {
      const now = performance.now()
      owed = Math.min(bytesPerSecond / 4, owed + ((now - last) / 1000) * bytesPerSecond)
      last = now
      const ready = [...this.#sockets].filter(socket => socket.writableLength < 256 * 1024)
      const share = Math.floor(owed / Math.max(1, ready.length))
      if (share < 1000) return
      for (const socket of ready) socket.write(Buffer.alloc(share))
      owed -= share * ready.length
    }, TICK_MS)
  }

  static async start(bytesPerSecond: number): Promise<PacedServer> {
    const server = createServer()
    const paced = new PacedServer(server, bytesPerSecond)
    server.on('connection', socket => {
      paced.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => paced.#sockets.delete(socket))
      socket.resume()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return paced
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
