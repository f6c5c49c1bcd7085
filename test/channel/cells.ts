import { CELL_LENGTH, Command } from '../../main/cell/command.ts'
import { encodeFixedCell, encodeVariableCell } from '../../main/cell/frame.ts'
import type { CircuitEnd, TrafficClass } from '../../main/channel/channel.ts'

/** `count` RELAY cells of a circuit; the first bytes of their bodies are `first`, `first` + 1 … */
export function relayCells(circId: number, count: number, first = 0, command: number = Command.RELAY): Buffer {
  const cells = Array.from({ length: count }, (_, i) => {
    const body = Buffer.alloc(4)
    body.writeUInt32BE(first + i)
    return encodeFixedCell(circId, command, body)
  })
  return Buffer.concat(cells)
}

/** A PA_RELAY cell whose body has `length` bytes, all of them `fill`. */
export function bulkCell(circId: number, length: number, fill = 0): Buffer {
  return encodeVariableCell(circId, Command.PA_RELAY, Buffer.alloc(length, fill))
}

/** Circuit id and number of each of the cells made by relayCells(). */
export function numbersOf(bytes: Buffer): { circId: number; number: number }[] {
  const found: { circId: number; number: number }[] = []
  for (let at = 0; at + CELL_LENGTH <= bytes.length; at += CELL_LENGTH) {
    found.push({ circId: bytes.readUInt32BE(at), number: bytes.readUInt32BE(at + 5) })
  }
  return found
}

/** A circuit end that writes down what happens to it. */
export class RecordingEnd implements CircuitEnd {
  readonly trafficClass: TrafficClass
  /** Everything in order: a run of cells as its numbers, other calls as words. */
  readonly calls: (number[] | string)[] = []
  onEvent: (call: number[] | string) => void = () => {}

  constructor(trafficClass: TrafficClass = 'or') {
    this.trafficClass = trafficClass
  }

  /** The numbers of all cells so far. */
  get numbers(): number[] {
    return this.calls.flatMap(call => (typeof call === 'string' ? [] : call))
  }

  #note(call: number[] | string): void {
    this.calls.push(call)
    this.onEvent(call)
  }
  onCells(chunk: Buffer, offsets: readonly number[], count: number): void {
    this.#note(offsets.slice(0, count).map(at => chunk.readUInt32BE(at + 5)))
  }
  onCreated(command: number, body: Buffer): void {
    this.#note(`created ${command} ${body.length}`)
  }
  onDestroy(reason: number): void {
    this.#note(`destroy ${reason}`)
  }
  onChannelClosed(): void {
    this.#note('closed')
  }
  onWritable(): void {
    this.#note('writable')
  }
  onBulkCell(chunk: Buffer, start: number, end: number): void {
    this.#note(`bulk ${end - start} of ${chunk[start]}`)
  }
}

/** Lets the event loop turn so often that everything in flight between two memory links has arrived. */
export async function turns(count = 6): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}
