import { RelayCommand } from '../cell/command.ts'
import { decodeByteSendme, encodeByteSendme } from '../cell/pa-relay.ts'
import type { StreamFlow } from './flow-control.ts'

/** Bytes that either end of a new stream may send before it hears from the other. */
export const FIRST_WINDOW = 128 * 1024
/** A receiver that keeps up lets its window grow to this. */
export const LARGEST_WINDOW = 2 * 1024 * 1024
/** Nobody may grant more than this at once. */
const CREDIT_MAX = 64 * 1024 * 1024

/**
 * Streams of clear circuits: windows in bytes, which the receiver opens as its reader takes what came (docs: perspective access, 3). A reader that keeps up
 * gets a window that doubles, so that long round trips do not slow it down; one that does not, holds no more than the window it had.
 */
export class ByteFlow implements StreamFlow {
  readonly waitMs = 0
  readonly late = undefined
  sendable = FIRST_WINDOW
  #window = FIRST_WINDOW
  #received = 0
  /** Bytes of what came for which room was given again. */
  #granted = 0
  /** What may still come. */
  #open = FIRST_WINDOW
  readonly #send: (command: number, data: Buffer) => void

  constructor(send: (command: number, data: Buffer) => void) {
    this.#send = send
  }

  sent(bytes: number): void {
    this.sendable -= bytes
  }

  received(bytes: number): boolean {
    this.#received += bytes
    this.#open -= bytes
    return this.#open >= 0
  }

  drained(_taken: number, held: number): void {
    const taken = this.#received - held - this.#granted
    if (taken < this.#window / 2) return
    const more = held === 0 ? Math.min(this.#window, LARGEST_WINDOW - this.#window) : 0
    this.#granted += taken
    this.#window += more
    this.#open += taken + more
    this.#send(RelayCommand.SENDME, encodeByteSendme(taken + more))
  }

  sendme(data: Buffer): boolean {
    const bytes = decodeByteSendme(data)
    if (bytes === 0 || this.sendable + bytes > CREDIT_MAX) return false
    this.sendable += bytes
    return true
  }

  xoff(): boolean {
    return false
  }

  xon(): boolean {
    return false
  }
}
