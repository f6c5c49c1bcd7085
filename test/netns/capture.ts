import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { bytesToIp } from '../../main/lib/ip.ts'
import { until } from '../interop/stock-node.ts'

/** What was seen: a packet of a TCP connection, or a datagram. */
export interface Packet {
  /** When, by this machine's clock, ms. */
  readonly at: number
  readonly protocol: 'tcp' | 'udp'
  /** Of TCP. */
  readonly flags: number
  /** Bytes that it carries, without headers, also where the snapshot cut it. */
  readonly length: number
  /** Leaves this host; a packet on loopback is seen both leaving and coming. */
  readonly sent: boolean
  readonly from: string
  readonly fromPort: number
  readonly to: string
  readonly toPort: number
  /** Of datagrams, cut at the snapshot length. */
  readonly payload: Buffer
}

const SNAPSHOT = 512
const FIN = 1
const SYN = 2
const RST = 4
const ACK = 16
/** First and last packets of TCP connections of either family, and all datagrams. */
const ENDS = '(ip and tcp and (tcp[13] & 18 = 2 or tcp[13] & 5 != 0)) or (ip6 and ip6[6] = 6 and (ip6[53] & 18 = 2 or ip6[53] & 5 != 0))'
const LINUX_SLL2 = 276

/** Reads the packets of a pcap stream of type LINUX_SLL2, as far as it has come. */
export class PcapReader {
  readonly packets: Packet[] = []
  #bytes = Buffer.alloc(0)
  #headerRead = false

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    if (!this.#headerRead) {
      if (this.#bytes.length < 24) return
      if (this.#bytes.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error('not a pcap file of this machine')
      if (this.#bytes.readUInt32LE(20) !== LINUX_SLL2) throw new Error('not a capture on all interfaces')
      this.#bytes = this.#bytes.subarray(24)
      this.#headerRead = true
    }
    while (this.#bytes.length >= 16) {
      const length = this.#bytes.readUInt32LE(8)
      if (this.#bytes.length < 16 + length) return
      const at = this.#bytes.readUInt32LE(0) * 1000 + this.#bytes.readUInt32LE(4) / 1000
      const packet = readPacket(this.#bytes.subarray(16, 16 + length), at)
      if (packet) this.packets.push(packet)
      this.#bytes = this.#bytes.subarray(16 + length)
    }
  }
}

/** LINUX_SLL2: protocol u16 · reserved u16 · interface u32 · ARPHRD u16 · packet type u8 (4 = sent by us) · address length u8 · address 8. */
function readPacket(frame: Buffer, at: number): Packet | undefined {
  const ethertype = frame.readUInt16BE(0)
  const sent = frame[10] === 4
  const ip = frame.subarray(20)
  const isV6 = ethertype === 0x86dd
  if (!isV6 && ethertype !== 0x0800) return undefined
  const protocol = isV6 ? ip[6] : ip[9]
  if (protocol !== 6 && protocol !== 17) return undefined
  const [from, to] = isV6 ? [ip.subarray(8, 24), ip.subarray(24, 40)] : [ip.subarray(12, 16), ip.subarray(16, 20)]
  const header = isV6 ? 40 : (ip[0]! & 15) * 4
  const segment = ip.subarray(header)
  const total = isV6 ? 40 + ip.readUInt16BE(4) : ip.readUInt16BE(2)
  return {
    at,
    protocol: protocol === 6 ? 'tcp' : 'udp',
    flags: protocol === 6 ? segment[13]! : 0,
    length: total - header - (protocol === 6 ? (segment[12]! >> 4) * 4 : 8),
    sent,
    from: bytesToIp(from),
    to: bytesToIp(to),
    fromPort: segment.readUInt16BE(0),
    toPort: segment.readUInt16BE(2),
    payload: protocol === 17 ? Buffer.from(segment.subarray(8)) : Buffer.alloc(0),
  }
}

/** Port of the datagrams that mark() sends to itself; nobody listens there. */
const MARK_PORT = 9

/** A running tcpdump on one host. */
export class Capture {
  readonly #child: ChildProcess
  readonly #prefix: readonly string[]
  readonly #reader = new PcapReader()
  #marks = 0

  private constructor(child: ChildProcess, prefix: readonly string[]) {
    this.#child = child
    this.#prefix = prefix
    child.stdout!.on('data', (chunk: Buffer) => this.#reader.push(chunk))
  }

  /** `filter`: in tcpdump's language, which packets besides datagrams; left out, the first and last ones of TCP connections. */
  static async start(prefix: readonly string[], filter: string = ENDS): Promise<Capture> {
    const options = ['-i', 'any', '-y', 'LINUX_SLL2', '-n', '-U', '--immediate-mode', '-s', String(SNAPSHOT), '-w', '-', `udp or ${filter}`]
    const [file, ...rest] = [...prefix, 'tcpdump', ...options]
    const child = spawn(file!, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    let words = ''
    child.stderr!.on('data', text => {
      words += text
    })
    const capture = new Capture(child, prefix)
    await until(
      'tcpdump listens',
      () => {
        if (child.exitCode !== null) throw new Error(words)
        return words.includes('listening on')
      },
      10_000,
      20,
    )
    return capture
  }

  /** A point in time: all that the host sent or got before it has been read. */
  async mark(): Promise<number> {
    const text = `mark ${++this.#marks} ${process.pid}`
    // bash is part of every Debian; the datagram goes to the host itself and comes after everything it sent before.
    const [file, ...rest] = [...this.#prefix, 'bash', '-c', `echo -n '${text}' > /dev/udp/127.0.0.1/${MARK_PORT}`]
    const child = spawn(file!, rest, { stdio: 'ignore' })
    await once(child, 'exit')
    return until(
      'the capture came to the mark',
      () => {
        const at = this.#reader.packets.findLastIndex(packet => packet.toPort === MARK_PORT && packet.payload.toString() === text)
        return at < 0 ? undefined : at + 1
      },
      10_000,
      10,
    )
  }

  /** What was seen since a mark, up to now; marks left out. */
  async since(mark: number): Promise<Packet[]> {
    const end = await this.mark()
    return this.#reader.packets.slice(mark, end).filter(packet => packet.toPort !== MARK_PORT)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await gone
  }
}

/** "193.10.7.1:443" of every connection that the host began, in order. */
export function dials(packets: readonly Packet[]): string[] {
  return packets.filter(({ flags, sent }) => (flags & (SYN | ACK)) === SYN && sent).map(({ to, toPort }) => `${to}:${toPort}`)
}

/** When the host first ended a connection with the other end, ms; `undefined`: it did not. */
export function endedAt(packets: readonly Packet[], other: { address: string; port?: number; ourPort?: number }): number | undefined {
  const { address, port, ourPort } = other
  return packets.find(
    packet =>
      packet.sent &&
      (packet.flags & (FIN | RST)) !== 0 &&
      packet.to === address &&
      (port === undefined || packet.toPort === port) &&
      (ourPort === undefined || packet.fromPort === ourPort),
  )?.at
}

/** DNS questions that the host sent, over either protocol. */
export function dnsQuestions(packets: readonly Packet[]): Packet[] {
  return packets.filter(({ sent, toPort, flags }) => sent && (toPort === 53 || toPort === 853) && (flags & (FIN | RST)) === 0)
}
