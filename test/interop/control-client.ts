import { connect, type Socket } from 'node:net'

/** A command was refused: `code` is the reply code (e.g. 552), the message its text. */
export class ControlError extends Error {
  override name = 'ControlError'
  readonly code: number

  constructor(code: number, text: string) {
    super(`${code} ${text}`)
    this.code = code
  }
}

interface Waiting {
  readonly resolve: (lines: string[]) => void
  readonly reject: (error: Error) => void
}

/**
 * A client of tor's control port (control-spec): one command at a time, events by name.
 *
 *     const control = await ControlClient.connect({ host: '127.0.0.1', port }, cookie)
 *     await control.getInfo('status/bootstrap-phase')
 *     const circuit = await control.buildCircuit(['$AAAA…', '$BBBB…'])
 */
export class ControlClient {
  readonly #socket: Socket
  readonly #waiting: Waiting[] = []
  readonly #listeners = new Map<string, Set<(text: string) => void>>()
  #events = new Set<string>()
  #text = ''
  /** Lines of the reply that is coming in. */
  #reply: string[] = []
  /** Lines of a data block ("250+key=" … "."), which belongs to the reply line before it. */
  #data: string[] | undefined
  #closed: Error | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.#onText(text))
    socket.on('error', error => this.#onClose(error))
    socket.on('close', () => this.#onClose(new Error('control connection closed')))
  }

  /** `path`: of a Unix socket. */
  static async connect(to: { host: string; port: number } | { path: string }, cookie: Uint8Array): Promise<ControlClient> {
    const socket = connect(to)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const client = new ControlClient(socket)
    await client.command(`AUTHENTICATE ${Buffer.from(cookie).toString('hex')}`)
    return client
  }

  #onClose(error: Error): void {
    this.#closed ??= error
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#closed)
  }

  #onText(text: string): void {
    this.#text += text
    for (;;) {
      const end = this.#text.indexOf('\r\n')
      if (end < 0) return
      const line = this.#text.slice(0, end)
      this.#text = this.#text.slice(end + 2)
      this.#onLine(line)
    }
  }

  #onLine(line: string): void {
    if (this.#data) {
      if (line !== '.') {
        this.#data.push(line.startsWith('..') ? line.slice(1) : line)
        return
      }
      this.#reply.push(`${this.#reply.pop()}${this.#data.join('\n')}`)
      this.#data = undefined
      return
    }
    const separator = line[3]
    this.#reply.push(line.slice(4))
    if (separator === '+') this.#data = []
    else if (separator === ' ') {
      const reply = this.#reply
      this.#reply = []
      this.#onReply(Number(line.slice(0, 3)), reply)
    }
  }

  #onReply(code: number, reply: string[]): void {
    if (code === 650) {
      const [name = ''] = reply[0]!.split(' ', 1)
      const text = reply.join('\n').slice(name.length + 1)
      for (const listener of this.#listeners.get(name) ?? []) listener(text)
      return
    }
    const waiting = this.#waiting.shift()
    if (code >= 200 && code < 300) waiting?.resolve(reply)
    else waiting?.reject(new ControlError(code, reply.join('\n')))
  }

  /** Sends one command; the lines of the reply without their codes. Rejects with {@link ControlError}. */
  command(line: string): Promise<string[]> {
    if (this.#closed) return Promise.reject(this.#closed)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#socket.write(`${line}\r\n`)
    })
  }

  async getInfo(key: string): Promise<string> {
    const [first = ''] = await this.command(`GETINFO ${key}`)
    return first.slice(first.indexOf('=') + 1)
  }

  /** `setConf({ CircuitBuildTimeout: 5 })`; undefined resets to the default. */
  async setConf(values: Readonly<Record<string, string | number | undefined>>): Promise<void> {
    const words = Object.entries(values).map(([key, value]) => (value === undefined ? key : `${key}="${value}"`))
    await this.command(`SETCONF ${words.join(' ')}`)
  }

  /** Calls `listener` with the text behind the name for each such event (CIRC, STREAM, ORCONN, BW …); returns how to stop. */
  async on(event: string, listener: (text: string) => void): Promise<() => void> {
    const known = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, known.add(listener))
    if (!this.#events.has(event)) {
      this.#events.add(event)
      await this.command(`SETEVENTS ${[...this.#events].join(' ')}`)
    }
    return () => known.delete(listener)
  }

  /** Does something and waits for the event that it leads to. */
  async #eventAfter<T, R>(event: string, act: () => Promise<T>, match: (text: string, acted: T) => R | undefined, ms: number): Promise<R> {
    const seen: string[] = []
    let check = () => {}
    const off = await this.on(event, text => {
      seen.push(text)
      check()
    })
    try {
      const acted = await act()
      return await new Promise<R>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${event} event in ${ms} ms; saw: ${seen.join(' | ')}`)), ms)
        check = () => {
          try {
            for (const text of seen) {
              const found = match(text, acted)
              if (found === undefined) continue
              clearTimeout(timer)
              resolve(found)
              return
            }
          } catch (error) {
            clearTimeout(timer)
            reject(error as Error)
          }
        }
        check()
      })
    } finally {
      off()
    }
  }

  /** Builds a circuit through these relays ("$FINGERPRINT" or nickname) and waits until it is built; its id. */
  buildCircuit(path: readonly string[], ms = 20_000): Promise<string> {
    const extend = async () => (await this.command(`EXTENDCIRCUIT 0 ${path.join(',')}`))[0]!.split(' ')[1]!
    return this.#eventAfter(
      'CIRC',
      extend,
      (text, id) => {
        const [circuit, status] = text.split(' ')
        if (circuit !== id) return undefined
        if (status === 'FAILED' || status === 'CLOSED') throw new Error(`circuit ${text}`)
        return status === 'BUILT' ? id : undefined
      },
      ms,
    )
  }

  async closeCircuit(id: string): Promise<void> {
    await this.command(`CLOSECIRCUIT ${id}`)
  }

  /**
   * Runs `open` (which makes one SOCKS request) and attaches the stream that comes of it to this circuit. From then on tor leaves all streams to us.
   */
  async attachNextStream<T>(circuit: string, open: () => Promise<T>, ms = 20_000): Promise<T> {
    await this.setConf({ __LeaveStreamsUnattached: 1 })
    let opened: Promise<T> | undefined
    const start = async () => {
      opened = open()
      opened.catch(() => {})
    }
    const stream = await this.#eventAfter(
      'STREAM',
      start,
      text => {
        const [id, status] = text.split(' ')
        return status === 'NEW' ? id : undefined
      },
      ms,
    )
    await this.command(`ATTACHSTREAM ${stream} ${circuit}`)
    return opened!
  }

  close(): void {
    this.#socket.destroy()
  }
}
