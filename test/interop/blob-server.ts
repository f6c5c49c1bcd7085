import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A web server whose pages are `/<n>`: n bytes that anybody can compute; a POST is answered with the SHA-256 of its body. */
export class BlobServer {
  readonly #server: Server
  /** Addresses from which it was visited. */
  readonly visitors: string[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(host = '127.0.0.1'): Promise<BlobServer> {
    const server = createServer((message, answer) => {
      blobs.visitors.push(message.socket.remoteAddress ?? '')
      if (message.method === 'POST') {
        const hash = createHash('sha256')
        message.on('data', chunk => hash.update(chunk))
        message.on('end', () => answer.end(hash.digest('hex')))
      } else answer.end(blob(Number(message.url!.slice(1))))
    })
    const blobs = new BlobServer(server)
    await new Promise<void>(resolve => server.listen(0, host, resolve))
    return blobs
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** n reproducible bytes. */
export function blob(n: number): Buffer {
  const bytes = Buffer.alloc(n)
  let x = 0x2545f491
  for (let i = 0; i + 4 <= n; i += 4) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    bytes.writeInt32LE(x | 0, i)
  }
  return bytes
}

export const sha256Hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** One HTTP exchange over a connection that is open already. */
export function fetchOver(socket: Socket, options: { host: string; path: string; post?: Buffer }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        createConnection: () => socket,
        host: options.host,
        path: options.path,
        method: options.post ? 'POST' : 'GET',
        headers: { connection: 'close' },
      },
      message => bodyOf(message).then(resolve, reject),
    )
    asked.on('error', reject)
    asked.setTimeout(60_000, () => asked.destroy(new Error('nothing came for a minute')))
    asked.end(options.post)
  })
}
