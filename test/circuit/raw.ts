import { CELL_BODY, CELL_LENGTH, Command, RelayCommand } from '../../main/cell/command.ts'
import { decodeCreated2, encodeCreate2 } from '../../main/cell/create.ts'
import { decodeExtended2, encodeExtend2 } from '../../main/cell/extend.ts'
import { encodeFixedCell } from '../../main/cell/frame.ts'
import { writeRelayCell } from '../../main/cell/relay-cell.ts'
import type { Channel, ChannelHandler, CircuitEnd } from '../../main/channel/channel.ts'
import type { CircuitHop } from '../../main/circuit/circuit-hop.ts'
import { startHandshake } from '../../main/circuit/client-handshake.ts'
import type { OnionKeys } from '../../main/circuit/hop-role.ts'
import { answerOnionskin } from '../../main/circuit/onionskin.ts'
import { congestionParams } from '../../main/circuit/params.ts'
import { CryptoLayer } from '../../main/circuit/relay-crypto.ts'
import { until } from './chain.ts'

const params = congestionParams(new Map())

export interface Message {
  readonly command: number
  readonly streamId: number
  readonly data: Buffer
  /** The digest after this cell, as SENDME has to name it. */
  readonly tag: Buffer
}

export interface RawCell {
  readonly early?: boolean
  /** Which hop it is for; default: the last. */
  readonly hop?: number
  /** Written into the length field whatever the data is. */
  readonly length?: number
  readonly tamper?: (body: Buffer) => void
}

/** One end of a circuit that says whatever a test wants: a client, or (with one layer) a relay. */
export class RawEnd implements CircuitEnd {
  readonly trafficClass = 'or'
  readonly channel: Channel
  readonly circId: number
  readonly layers: CryptoLayer[] = []
  readonly received: Message[] = []
  /** Cells that no layer recognised. */
  unknown = 0
  created: { command: number; body: Buffer } | undefined
  destroyed: number | undefined

  constructor(channel: Channel, circId: number) {
    this.channel = channel
    this.circId = circId
    channel.attach(circId, this)
  }

  onCells(chunk: Buffer, offsets: readonly number[], count: number): void {
    for (let i = 0; i < count; i++) {
      let body: Buffer = Buffer.from(chunk.subarray(offsets[i]! + 5, offsets[i]! + CELL_LENGTH))
      const ours = this.layers.some(layer => {
        body = layer.decrypt(body)
        return body.readUInt16BE(1) === 0 && layer.received.probe(body, 0) && this.#note(body, layer)
      })
      if (!ours) this.unknown++
    }
  }

  #note(body: Buffer, layer: CryptoLayer): true {
    const data = body.subarray(11, 11 + body.readUInt16BE(9))
    this.received.push({ command: body[0]!, streamId: body.readUInt16BE(3), data, tag: layer.received.tag })
    return true
  }

  onCreated(command: number, body: Buffer): void {
    this.created = { command, body }
  }

  onDestroy(reason: number): void {
    this.destroyed = reason
  }

  onChannelClosed(): void {
    this.destroyed ??= -1
  }

  /** Sends a relay cell; returns the digest after it. */
  send(command: number, streamId: number, data: Uint8Array, options: RawCell = {}): Buffer {
    let body: Buffer = Buffer.alloc(CELL_BODY)
    writeRelayCell(body, 0, command, streamId, data)
    if (options.length !== undefined) body.writeUInt16BE(options.length, 9)
    const hop = options.hop ?? this.layers.length - 1
    this.layers[hop]!.sent.seal(body, 0)
    const tag = this.layers[hop]!.sent.tag
    for (let i = hop; i >= 0; i--) body = this.layers[i]!.encrypt(body)
    options.tamper?.(body)
    this.sendBody(body, options.early)
    return tag
  }

  sendBody(body: Buffer, early = false): void {
    this.channel.send(this, encodeFixedCell(this.circId, early ? Command.RELAY_EARLY : Command.RELAY, body))
  }

  destroy(reason: number): void {
    this.channel.detach(this.circId)
    this.channel.send(undefined, encodeFixedCell(this.circId, Command.DESTROY, Buffer.of(reason)))
  }

  of(command: number): Message[] {
    return this.received.filter(message => message.command === command)
  }

  async message(command: number, nth = 0): Promise<Message> {
    await until(() => this.of(command).length > nth || this.destroyed !== undefined, `relay message ${command}`)
    const message = this.of(command)[nth]
    if (!message) throw new Error(`destroyed (${this.destroyed}) while waiting for relay message ${command}`)
    return message
  }

  async destroyReason(): Promise<number> {
    await until(() => this.destroyed !== undefined, 'DESTROY')
    return this.destroyed!
  }

  static async client(channel: Channel, hops: readonly CircuitHop[]): Promise<RawEnd> {
    const client = new RawEnd(channel, channel.allocateCircId())
    for (const hop of hops) await client.extend(hop)
    return client
  }

  async extend(hop: CircuitHop): Promise<void> {
    const handshake = startHandshake({ ...hop, ntorKey: hop.ntorKey! }, params)
    const request = { handshakeType: handshake.type, data: handshake.onionskin }
    let reply: Buffer
    if (this.layers.length === 0) {
      this.channel.send(undefined, encodeFixedCell(this.circId, Command.CREATE2, encodeCreate2(request)))
      await until(() => this.created !== undefined || this.destroyed !== undefined, 'CREATED2')
      reply = decodeCreated2(this.created!.body)
    } else {
      this.send(RelayCommand.EXTEND2, 0, encodeExtend2({ target: hop, ...request }), { early: true })
      reply = decodeExtended2((await this.message(RelayCommand.EXTENDED2, this.layers.length - 1)).data)
    }
    this.layers.push(CryptoLayer.tor1(handshake.finish(reply).keys, 'client'))
  }

  /** A handler that takes every CREATE2 for itself, as a relay with `keys`. */
  static relayHandler(keys: OnionKeys, onCircuit: (relay: RawEnd) => void): ChannelHandler {
    return {
      onCreate(channel, circId, command, body) {
        const answer = answerOnionskin(command, body, keys, params)
        const relay = new RawEnd(channel, circId)
        relay.layers.push(CryptoLayer.tor1(answer.keys, 'relay'))
        channel.send(undefined, encodeFixedCell(circId, answer.command, answer.body))
        onCircuit(relay)
      },
      onControl: () => {},
      onClose: () => {},
    }
  }
}
