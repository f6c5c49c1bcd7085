import { RelayCommand } from '../cell/command.ts'

/** How many DATA cells a circuit's end may send to one hop before that hop has acknowledged some. */
export interface PackageWindow {
  /** DATA cells for which one circuit SENDME stands, in both directions. */
  readonly increment: number
  /** DATA cells that may be sent now. */
  readonly sendable: number
  /** One DATA cell was sent. True: the other end will answer it with a SENDME that carries its digest. */
  sent(): boolean
  /** A valid SENDME came. `blocked`: our own channel is congested. False: it was more than the window allows. */
  acknowledged(blocked: boolean): boolean
}

/** The window of circuits without congestion control: 1000 cells, 100 a SENDME. tor-spec 7.3. */
export class FixedWindow implements PackageWindow {
  readonly increment = 100
  sendable: number
  #untilTrigger = 100

  constructor(initial: number) {
    this.sendable = initial
  }

  sent(): boolean {
    this.sendable--
    if (--this.#untilTrigger > 0) return false
    this.#untilTrigger = this.increment
    return true
  }

  acknowledged(): boolean {
    if (this.sendable + this.increment > 1000) return false
    this.sendable += this.increment
    return true
  }
}

/** How one stream is held back by its two ends; one object at each end. The methods that get a message return false on a violation. */
export interface StreamFlow {
  /** DATA cells (on clear circuits: bytes) that may be sent on this stream now. */
  readonly sendable: number
  /** One DATA cell with `bytes` of data was sent. */
  sent(bytes: number): void
  /** Milliseconds after which `sendable` grows by itself; 0 = not by time. */
  readonly waitMs: number
  /** One DATA cell with `bytes` of data came. */
  received(bytes: number): boolean
  /** The receiver has taken `taken` bytes and leaves `held` waiting; sends what is due. Not called before CONNECTED. */
  drained(taken: number, held: number): void
  /** Throws MalformedError. */
  sendme(data: Buffer): boolean
  xoff(): boolean
  xon(kilobytesPerSecond: number): boolean
  /** DATA cells that may still come after we have sent END; undefined: not bounded by number. */
  readonly late: number | undefined
}

const STREAM_WINDOW = 500
const STREAM_INCREMENT = 50
/** A stream SENDME waits while ten cells or more are held back by the receiver. tor-spec 7.4 */
const NEARLY_FLUSHED = 10 * 498

/** Streams of circuits without congestion control: windows of 500 cells, 50 a SENDME. tor-spec 7.4. */
export class WindowedStream implements StreamFlow {
  sendable = STREAM_WINDOW
  readonly waitMs = 0
  #deliver = STREAM_WINDOW
  readonly #send: (command: number, data: Buffer) => void

  constructor(send: (command: number, data: Buffer) => void) {
    this.#send = send
  }

  sent(): void {
    this.sendable--
  }

  received(): boolean {
    return --this.#deliver >= 0
  }

  drained(_taken: number, held: number): void {
    if (held >= NEARLY_FLUSHED) return
    while (this.#deliver <= STREAM_WINDOW - STREAM_INCREMENT) {
      this.#deliver += STREAM_INCREMENT
      this.#send(RelayCommand.SENDME, Buffer.alloc(0))
    }
  }

  sendme(): boolean {
    if (this.sendable + STREAM_INCREMENT > STREAM_WINDOW) return false
    this.sendable += STREAM_INCREMENT
    return true
  }

  xoff(): boolean {
    return false
  }

  xon(): boolean {
    return false
  }

  get late(): number {
    return this.#deliver
  }
}
