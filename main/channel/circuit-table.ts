import { randomInt } from '../crypto/random.ts'
import type { CircuitEnd } from './circuit-end.ts'
import { CircuitSlot } from './circuit-slot.ts'

/** The circuits of one channel, by id and by end. */
export class CircuitTable {
  /** ms; since when there has been no circuit, undefined while there is one. */
  idleSince: number | undefined
  readonly #ownHalf: 0 | 0x8000_0000
  readonly #now: () => number
  /** By circuit id as a signed 32-bit number: those are cheap keys for V8. */
  readonly #slots = new Map<number, CircuitSlot>()
  readonly #slotOfEnd = new Map<CircuitEnd, CircuitSlot>()

  /** `initiated`: our ids have the top bit, the peer's not; otherwise the other way round (tor-spec 5.1.1). */
  constructor(initiated: boolean, now: () => number) {
    this.#ownHalf = initiated ? 0x8000_0000 : 0
    this.#now = now
    this.idleSince = now()
  }

  get size(): number {
    return this.#slots.size
  }

  /** Whether only we may create circuits with this id. */
  isOurs(circId: number): boolean {
    return circId >= 0x8000_0000 === this.#ownHalf > 0
  }

  get(circId: number): CircuitSlot | undefined {
    return this.#slots.get(circId | 0)
  }

  ofEnd(end: CircuitEnd): CircuitSlot | undefined {
    return this.#slotOfEnd.get(end)
  }

  /** A free random id of our half. */
  allocate(): number {
    for (let attempt = 0; attempt < 64; attempt++) {
      const circId = randomInt(0, 0x8000_0000) + this.#ownHalf
      if (circId !== 0 && !this.#slots.has(circId | 0)) return circId
    }
    throw new Error('no free circuit id')
  }

  add(circId: number, end: CircuitEnd): void {
    if (circId === 0 || this.#slots.has(circId | 0) || this.#slotOfEnd.has(end)) throw new Error('the circuit id or end is taken')
    const slot = new CircuitSlot(circId, end)
    this.#slots.set(circId | 0, slot)
    this.#slotOfEnd.set(end, slot)
    this.idleSince = undefined
  }

  remove(slot: CircuitSlot): void {
    slot.attached = false
    this.#slots.delete(slot.circId | 0)
    this.#slotOfEnd.delete(slot.end)
    if (this.#slots.size === 0) this.idleSince = this.#now()
  }

  /** Removes all, and gives them back. */
  clear(): CircuitSlot[] {
    const slots = [...this.#slots.values()]
    for (const slot of slots) {
      this.remove(slot)
      slot.clearQueue()
    }
    return slots
  }
}
