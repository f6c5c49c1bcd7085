import {
  type Bridge,
  type CallArgument,
  type CallName,
  type CallResult,
  callReply,
  calls,
  type EventName,
  type EventPayload,
  eventFrame,
  events,
  PRELOAD_KEY,
  type PreloadEnds,
  serverFrame,
} from '../shared/ipc.ts'
import type { Problem } from '../shared/problem.ts'

/** Whether the host hears us. `lost` means that a connection was there, or was tried, and is being tried again. */
export type Connection = 'connecting' | 'open' | 'lost'

/** Why a call has no result: the host named a problem, the connection ended, the answer was not what the contract says, or none came. */
export type CallFailure = { kind: 'problem'; problem: Problem } | { kind: 'lost' } | { kind: 'bad-answer' } | { kind: 'timeout' }

/** What a failed call rejects with. */
export class CallError extends Error {
  readonly failure: CallFailure
  constructor(failure: CallFailure) {
    super(failure.kind === 'problem' ? failure.problem.code : failure.kind)
    this.name = 'CallError'
    this.failure = failure
  }
}

/** The contract, and whether its other end is there. */
export interface HostBridge extends Bridge {
  readonly connection: Connection
  onConnection(listener: (connection: Connection) => void): () => void
  close(): void
}

const CALL_TIMEOUT_MS = 60_000
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 5_000

function checkedResult<N extends CallName>(name: N, result: unknown): CallResult<N> {
  const parsed = calls[name].result.safeParse(result)
  if (!parsed.success) throw new CallError({ kind: 'bad-answer' })
  return parsed.data as CallResult<N>
}

/** Listeners of the contract's events; a payload that breaks its schema is dropped (the revision gap makes the store ask again). */
class EventListeners {
  readonly #listeners: { [N in EventName]: Set<(payload: EventPayload<N>) => void> } = { state: new Set() }

  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    this.#listeners[name].add(listener)
    return () => this.#listeners[name].delete(listener)
  }

  emit(name: EventName, payload: unknown): void {
    const parsed = events[name].safeParse(payload)
    if (!parsed.success) return
    for (const listener of [...this.#listeners[name]]) listener(parsed.data)
  }
}

/** The bridge over Electron's preload. */
export function preloadBridge(ends: PreloadEnds): HostBridge {
  const listeners = new EventListeners()
  const stop = ends.listen(frame => {
    const parsed = eventFrame.safeParse(frame)
    if (parsed.success) listeners.emit(parsed.data.event, parsed.data.payload)
  })
  return {
    connection: 'open',
    onConnection: () => () => {},
    on: (name, listener) => listeners.on(name, listener),
    async call(name, argument) {
      const reply = callReply.safeParse(await ends.call(name, argument))
      if (!reply.success) throw new CallError({ kind: 'bad-answer' })
      if ('problem' in reply.data) throw new CallError({ kind: 'problem', problem: reply.data.problem })
      return checkedResult(name, reply.data.result)
    },
    close: stop,
  }
}

interface PendingCall {
  readonly name: CallName
  readonly resolve: (result: never) => void
  readonly reject: (error: CallError) => void
  readonly timer: ReturnType<typeof setTimeout>
}

/** The bridge over a WebSocket to the headless host; connects again, after growing pauses, until closed. */
export class WebSocketBridge implements HostBridge {
  readonly #url: string
  readonly #random: () => number
  readonly #listeners = new EventListeners()
  readonly #connectionListeners = new Set<(connection: Connection) => void>()
  readonly #pending = new Map<number, PendingCall>()
  #socket: WebSocket | undefined
  #connection: Connection = 'connecting'
  #nextId = 1
  #failures = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(url: string, options: { random?: () => number } = {}) {
    this.#url = url
    this.#random = options.random ?? Math.random
    this.#connect()
  }

  get connection(): Connection {
    return this.#connection
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    this.#connectionListeners.add(listener)
    return () => this.#connectionListeners.delete(listener)
  }

  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    return this.#listeners.on(name, listener)
  }

  call<N extends CallName>(name: N, argument: CallArgument<N>): Promise<CallResult<N>> {
    const socket = this.#socket
    if (!socket || this.#connection !== 'open') return Promise.reject(new CallError({ kind: 'lost' }))
    return new Promise((resolve, reject) => {
      const id = this.#nextId++
      const timer = setTimeout(() => this.#settle(id)?.reject(new CallError({ kind: 'timeout' })), CALL_TIMEOUT_MS)
      this.#pending.set(id, { name, resolve, reject, timer })
      socket.send(JSON.stringify({ id, call: name, argument }))
    })
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#socket?.close()
    this.#drop()
  }

  #connect(): void {
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    socket.onopen = () => {
      this.#failures = 0
      this.#setConnection('open')
    }
    socket.onmessage = message => this.#receive(message.data)
    socket.onclose = () => {
      if (this.#socket !== socket) return
      this.#drop()
      if (this.#closed) return
      this.#setConnection('lost')
      const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++)
      this.#retry = setTimeout(() => this.#connect(), pause * (0.75 + this.#random() / 2))
    }
  }

  /** Every open call fails when its connection ends: the answer can no longer come. */
  #drop(): void {
    this.#socket = undefined
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new CallError({ kind: 'lost' }))
  }

  #settle(id: number): PendingCall | undefined {
    const pending = this.#pending.get(id)
    if (pending) {
      clearTimeout(pending.timer)
      this.#pending.delete(id)
    }
    return pending
  }

  #receive(data: unknown): void {
    let frame: ReturnType<typeof serverFrame.safeParse>
    try {
      frame = serverFrame.safeParse(JSON.parse(String(data)))
    } catch {
      return
    }
    if (!frame.success) return
    if ('event' in frame.data) {
      this.#listeners.emit(frame.data.event, frame.data.payload)
      return
    }
    const pending = this.#settle(frame.data.id)
    if (!pending) return
    if ('problem' in frame.data) {
      pending.reject(new CallError({ kind: 'problem', problem: frame.data.problem }))
      return
    }
    try {
      pending.resolve(checkedResult(pending.name, frame.data.result) as never)
    } catch (error) {
      pending.reject(error as CallError)
    }
  }

  #setConnection(connection: Connection): void {
    if (this.#connection === connection) return
    this.#connection = connection
    for (const listener of [...this.#connectionListeners]) listener(connection)
  }
}

/** The bridge this page was given: Electron's preload when it is there, else the WebSocket at the page's own origin. */
export function openBridge(page: Window): HostBridge {
  const ends = (page as unknown as Record<string, unknown>)[PRELOAD_KEY] as PreloadEnds | undefined
  if (ends) return preloadBridge(ends)
  const scheme = page.location.protocol === 'https:' ? 'wss' : 'ws'
  return new WebSocketBridge(`${scheme}://${page.location.host}/ws`)
}
