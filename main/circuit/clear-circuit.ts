import { Command, DestroyReason, leadsOnward, RelayCommand } from '../cell/command.ts'
import { encodeFixedCell } from '../cell/frame.ts'
import type { Channel, CircuitEnd } from '../channel/channel.ts'
import type { ScopedLog } from '../lib/log.ts'
import { Listeners } from '../lib/service.ts'
import type { CircuitLimits } from './circuit-limits.ts'
import { ClearEdge, type ClearEdgeOwner } from './clear-edge.ts'
import { ExitStreams } from './exit-streams.ts'
import type { HopRole, ServedCircuit } from './hop-role.ts'
import type { MemoryBudget } from './memory-budget.ts'

export interface ClearCircuitOptions {
  readonly channel: Channel
  readonly circId: number
  readonly role: HopRole
  readonly limits: CircuitLimits
  readonly memory: MemoryBudget
  readonly log: ScopedLog
}

/**
 * A clear circuit that a peer made over a perspective access link: all its streams leave here (docs: perspective access, 3). Onion cells, and messages that
 * would lead to another relay, destroy it with PROTOCOL; those that only a server sends are ignored.
 */
export class ClearCircuit implements ServedCircuit, ClearEdgeOwner {
  readonly channel: Channel
  readonly circId: number
  readonly createdFast = false
  closed = false
  readonly onClose = new Listeners<[circuit: ServedCircuit, reason: number]>()
  readonly #log: ScopedLog
  readonly #edge: ClearEdge
  readonly #streams: ExitStreams
  readonly #end: CircuitEnd

  constructor({ channel, circId, role, limits, memory, log }: ClearCircuitOptions) {
    this.channel = channel
    this.circId = circId
    this.#log = log
    this.#edge = new ClearEdge(this, { side: 'relay', memory })
    this.#streams = new ExitStreams({ circuit: this, edge: this.#edge, role, limits })
    this.#end = {
      trafficClass: role.trafficClass,
      onCells: () => this.fail(DestroyReason.PROTOCOL, 'onion cells on a clear circuit'),
      onCreated: () => this.fail(DestroyReason.PROTOCOL, 'CREATED from a peer'),
      onDestroy: () => this.#close(DestroyReason.DESTROYED, true),
      onChannelClosed: () => this.#close(DestroyReason.CHANNEL_CLOSED, true),
      onWritable: () => this.#edge.pump(),
      onBulkCell: (chunk, start, end) => this.#edge.receive(chunk, start, end),
    }
    channel.attach(circId, this.#end)
  }

  get streamCount(): number {
    return this.#streams.count
  }

  close(reason: number): void {
    this.#close(reason, false)
  }

  #close(reason: number, peerKnows: boolean): void {
    if (this.closed) return
    this.closed = true
    if (!peerKnows) {
      this.channel.detach(this.circId)
      this.channel.send(undefined, encodeFixedCell(this.circId, Command.DESTROY, Buffer.of(reason)))
    }
    this.#streams.close()
    this.#edge.close()
    this.onClose.emit(this, reason)
  }

  // --- ClearEdgeOwner ---

  transmit(cells: Buffer): void {
    if (!this.closed) this.channel.send(this.#end, cells)
  }

  queuedCells(): number {
    return this.channel.queuedCells(this.#end)
  }

  fail(reason: number, why: string): void {
    if (this.closed) return
    this.#log.debug(`circuit closed: ${why}`)
    this.close(reason)
  }

  message(command: number, streamId: number, data: Buffer): void {
    switch (command) {
      case RelayCommand.BEGIN:
      case RelayCommand.BEGIN_DIR:
      case RelayCommand.RESOLVE:
      case RelayCommand.END:
        if (streamId === 0) return this.fail(DestroyReason.PROTOCOL, 'a stream message without a stream')
        return this.#streams.message(command, streamId, data)
      default:
        if (leadsOnward(command)) this.fail(DestroyReason.PROTOCOL, 'a clear circuit ends here')
    }
  }
}
