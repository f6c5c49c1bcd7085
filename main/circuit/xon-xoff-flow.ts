import { RELAY_DATA_MAX, RelayCommand } from '../cell/command.ts'
import { encodeXoff, encodeXon } from '../cell/xon-xoff.ts'
import { TokenBucket } from '../lib/token-bucket.ts'
import { ewma, type MicrosecondClock, monotonicMicroseconds } from './congestion-control.ts'
import type { StreamFlow } from './flow-control.ts'
import type { CongestionParams } from './params.ts'

/** An overfull buffer may empty itself within the same turn of the event loop; only then XOFF is worth a cell. */
const XOFF_GRACE = 5000
const INT32_MAX = 0x7fffffff
/** Counters of the client's check are halved at these, so that long quiet streams do not earn a right to many odd messages. */
const SCALE_MESSAGES_AT = 200
const SCALE_BYTES_AT = 10 * 1024 * 1024

/** Streams of circuits with congestion control: no windows, but XOFF when too much is held, XON with the rate it drains at. Proposal 324, 4.1. */
export class XonXoffStream implements StreamFlow {
  readonly late = undefined
  readonly #p: CongestionParams
  readonly #side: 'client' | 'relay'
  readonly #send: (command: number, data: Buffer) => void
  readonly #clock: MicrosecondClock

  #stopped = false
  #bucket: TokenBucket | undefined
  #bytesSent = 0
  #xoffs = 0
  #xons = 0

  #xoffSent = false
  #overSince: number | undefined
  #drainStart: number | undefined
  #drainedBytes = 0
  /** kB/s; 0 = not known. */
  #rate = 0
  #rateSent = 0

  constructor(
    params: CongestionParams,
    side: 'client' | 'relay',
    send: (command: number, data: Buffer) => void,
    clock: MicrosecondClock = monotonicMicroseconds,
  ) {
    this.#p = params
    this.#side = side
    this.#send = send
    this.#clock = clock
  }

  get sendable(): number {
    if (this.#stopped) return 0
    if (!this.#bucket) return Number.POSITIVE_INFINITY
    return Math.max(0, Math.ceil(this.#bucket.available(this.#clock() / 1000) / RELAY_DATA_MAX))
  }

  get waitMs(): number {
    return this.#stopped || !this.#bucket ? 0 : this.#bucket.waitFor(1, this.#clock() / 1000)
  }

  sent(bytes: number): void {
    this.#bucket?.spend(bytes, this.#clock() / 1000)
    if (this.#side === 'relay') return
    if (this.#bytesSent + bytes >= SCALE_BYTES_AT) this.#halve()
    this.#bytesSent += bytes
  }

  /** Nothing bounds what may come but the memory of the circuit. */
  received(): boolean {
    return true
  }

  drained(taken: number, held: number): void {
    const now = this.#clock()
    this.#considerXoff(held, now)
    this.#measure(taken, held, now)
    if (!this.#xoffSent) {
      if (this.#rateChanged()) this.#sendXon()
    } else if (held === 0) this.#sendXon()
    if (held === 0) {
      this.#drainStart = undefined
      // The receiver has kept up with a whole measure of data: it can take more than we said.
      if (this.#drainedBytes >= this.#p.xonRate * RELAY_DATA_MAX && this.#rateSent > 0) {
        this.#rate = Math.min(INT32_MAX, 2 * this.#rate)
        this.#drainedBytes = 0
      }
    }
  }

  #considerXoff(held: number, now: number): void {
    const limit = (this.#side === 'client' ? this.#p.xoffClient : this.#p.xoffExit) * RELAY_DATA_MAX
    if (held <= limit) this.#overSince = undefined
    else if (!this.#xoffSent) {
      if (this.#overSince === undefined) this.#overSince = now
      else if (now - this.#overSince > XOFF_GRACE) {
        this.#xoffSent = true
        this.#rate = 0
        this.#overSince = undefined
        this.#send(RelayCommand.XOFF, encodeXoff())
      }
    }
  }

  #measure(taken: number, held: number, now: number): void {
    this.#drainedBytes += taken
    if (this.#drainStart === undefined) {
      if (held === 0) return
      this.#drainStart = now
      this.#drainedBytes = 0
    }
    if (this.#drainedBytes <= this.#p.xonRate * RELAY_DATA_MAX || now <= this.#drainStart) return
    const rate = Math.min(INT32_MAX, Math.max(1, Math.floor((this.#drainedBytes * 1000) / (now - this.#drainStart))))
    this.#rate = ewma(rate, this.#rate, this.#p.xonEwmaCount)
    this.#drainedBytes = 0
    this.#drainStart = held > 0 ? now : undefined
  }

  #rateChanged(): boolean {
    if (this.#rateSent === 0) return false
    const percent = (100 * this.#rate) / this.#rateSent
    return percent > 100 + this.#p.xonChangePercent || percent < 100 - this.#p.xonChangePercent
  }

  #sendXon(): void {
    this.#xoffSent = false
    this.#rateSent = this.#rate
    this.#send(RelayCommand.XON, encodeXon(this.#rate))
  }

  sendme(): boolean {
    return false
  }

  /** A client that has sent too little to fill the exit's buffer is being marked (DropMark; proposal 324, 4.1.4). */
  xoff(): boolean {
    if (this.#stopped) return false
    this.#stopped = true
    if (this.#xoffs >= SCALE_MESSAGES_AT) this.#halve()
    this.#xoffs++
    return this.#side === 'relay' || this.#bytesSent >= this.#p.xoffExit * PLAUSIBLE_CELL * this.#xoffs
  }

  xon(kilobytesPerSecond: number): boolean {
    this.#stopped = false
    const rate = kilobytesPerSecond * 1000
    this.#bucket = rate === 0 || rate > INT32_MAX ? undefined : new TokenBucket(rate, rate, this.#clock() / 1000)
    if (this.#xons >= SCALE_MESSAGES_AT) this.#halve()
    this.#xons++
    const spacing = Math.min(this.#p.xoffExit, this.#p.xonRate)
    return this.#side === 'relay' || this.#bytesSent >= spacing * PLAUSIBLE_CELL * this.#xons
  }

  #halve(): void {
    this.#bytesSent = Math.floor(this.#bytesSent / 2)
    this.#xoffs = Math.floor(this.#xoffs / 2)
    this.#xons = Math.floor(this.#xons / 2)
  }
}

/** Data bytes that the peer may count for a cell: the smallest of its relay formats. */
const PLAUSIBLE_CELL = 488
