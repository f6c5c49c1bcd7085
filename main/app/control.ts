import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { constantTimeEqual } from '../crypto/digest.ts'
import { diskRefusal, readFileIfPresent, writeFileAtomically } from '../lib/files.ts'
import { type Listener, listenTcp } from '../net/listener.ts'

/** A request is one line no longer than this, in bytes. */
const MAX_LINE = 1024
const REQUEST_MS = 5000

/** What the running app answers to `status` and `stop`. */
export interface ControlHandler {
  /** A snapshot that JSON can say. */
  status(): unknown
  /** Resolves when the app has stopped. */
  stop(): Promise<void>
}

/**
 * Lets the command line of the same user talk to the running app. The data folder's `control.json` (0600) names a loopback port and a
 * secret; whoever can read the file may ask. One line each way:
 *
 *     {"secret": …, "command": "status"|"stop"}      → {"ok": true, "result": …} or {"ok": false}
 *
 * A loopback port works alike on the three operating systems, and paths of Unix sockets are too short for some data folders.
 */
export class ControlServer {
  readonly #listener: Listener
  readonly #file: string
  readonly #answering: ReadonlySet<Promise<unknown>>

  private constructor(listener: Listener, file: string, answering: ReadonlySet<Promise<unknown>>) {
    this.#listener = listener
    this.#file = file
    this.#answering = answering
  }

  /** A disk that refuses the file costs the two commands, nothing else. */
  static async start(folder: string, handler: ControlHandler): Promise<ControlServer> {
    const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
    const answering = new Set<Promise<unknown>>()
    const listener = await listenTcp({
      host: '127.0.0.1',
      port: 0,
      limits: { total: 16, perAddress: 16 },
      onConnection: socket => {
        const served = serve(socket, secret, handler).finally(() => answering.delete(served))
        answering.add(served)
      },
    })
    const file = controlFile(folder)
    try {
      await writeFileAtomically(file, JSON.stringify({ port: listener.port, secret }))
    } catch (error) {
      // The app can do without being asked; a full disk must not end it.
      if (!diskRefusal(error)) {
        await listener.close()
        throw error
      }
      await rm(file, { force: true }).catch(() => {})
    }
    return new ControlServer(listener, file, answering)
  }

  /** Whoever asked the app to stop hears that it did, if he listens within a second. */
  async stop(): Promise<void> {
    await rm(this.#file, { force: true })
    const late = new AbortController()
    await Promise.race([Promise.all(this.#answering), setTimeout(1000, undefined, { signal: late.signal }).catch(() => {})])
    late.abort()
    await this.#listener.close()
  }
}

/** One client; resolves when its connection is over. */
function serve(socket: Socket, secret: string, handler: ControlHandler): Promise<void> {
  let line = ''
  socket.on('error', () => socket.destroy())
  socket.setTimeout(REQUEST_MS, () => socket.destroy())
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    line += text
    if (line.length > MAX_LINE) socket.destroy()
    else if (line.endsWith('\n')) {
      socket.pause()
      socket.setTimeout(0)
      void answer(line, secret, handler).then(reply => socket.end(`${JSON.stringify(reply)}\n`, () => socket.destroy()))
    }
  })
  return new Promise(resolve => socket.once('close', () => resolve()))
}

async function answer(line: string, secret: string, handler: ControlHandler): Promise<{ ok: boolean; result?: unknown }> {
  try {
    const request = JSON.parse(line) as { secret?: unknown; command?: unknown }
    if (!constantTimeEqual(Buffer.from(String(request.secret)), Buffer.from(secret))) return { ok: false }
    if (request.command === 'status') return { ok: true, result: handler.status() }
    if (request.command !== 'stop') return { ok: false }
    await handler.stop()
    return { ok: true }
  } catch {
    return { ok: false }
  }
}

/** No app runs on the data folder, or it does not answer. */
export class NotRunningError extends Error {
  override name = 'NotRunningError'
}

/** Asks the app that runs on `folder`. Rejects with {@link NotRunningError}. */
export async function askRunningApp(folder: string, command: 'status' | 'stop', timeoutMs: number): Promise<unknown> {
  const contact = await readContact(folder)
  const socket = connect({ host: '127.0.0.1', port: contact.port })
  socket.setTimeout(timeoutMs, () => socket.destroy())
  try {
    await once(socket, 'connect')
    socket.write(`${JSON.stringify({ secret: contact.secret, command })}\n`)
    let text = ''
    for await (const chunk of socket.setEncoding('utf8')) text += chunk
    const reply = JSON.parse(text) as { ok?: unknown; result?: unknown }
    if (reply.ok !== true) throw new NotRunningError('it refused')
    return reply.result
  } catch (error) {
    throw error instanceof NotRunningError ? error : new NotRunningError('it does not answer', { cause: error })
  } finally {
    socket.destroy()
  }
}

async function readContact(folder: string): Promise<{ port: number; secret: string }> {
  try {
    const { port, secret } = JSON.parse(String(await readFileIfPresent(controlFile(folder)))) as { port?: unknown; secret?: unknown }
    if (typeof port === 'number' && typeof secret === 'string') return { port, secret }
  } catch {}
  throw new NotRunningError('there is no control file')
}

function controlFile(folder: string): string {
  return join(folder, 'control.json')
}
