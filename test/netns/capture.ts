import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { bytesToIp } from '../../main/lib/ip.ts'
import { until } from '../interop/stock-node.ts'

/** What was seen: the first packet of a TCP connection, or a datagram. */
export interface Packet {
  readonly protocol: 'tcp' | 'udp'
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
/** First packets of TCP connections of either family, and all datagrams. */
const FILTER = '(ip and tcp and tcp[13] & 18 = 2) or (ip6 and ip6[6] = 6 and ip6[53] & 18 = 2) or udp'
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
      const packet = readPacket(this.#bytes.subarray(16, 16 + length))
      if (packet) this.packets.push(packet)
      this.#bytes = this.#bytes.subarray(16 + length)
    }
  }
}

/** LINUX_SLL2: protocol u16 · reserved u16 · interface u32 · ARPHRD u16 · packet type u8 (4 = sent by us) · address length u8 · address 8. */
function readPacket(frame: Buffer): Packet | undefined {
  const ethertype = frame.readUInt16BE(0)
  const sent = frame[10] === 4
  const ip = frame.subarray(20)
  const isV6 = ethertype === 0x86dd
  if (!isV6 && ethertype !== 0x0800) return undefined
  const protocol = isV6 ? ip[6] : ip[9]
  if (protocol !== 6 && protocol !== 17) return undefined
  const [from, to] = isV6 ? [ip.subarray(8, 24), ip.subarray(24, 40)] : [ip.subarray(12, 16), ip.subarray(16, 20)]
  const segment = ip.subarray(isV6 ? 40 : (ip[0]! & 15) * 4)
  return {
    protocol: protocol === 6 ? 'tcp' : 'udp',
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

  static async start(prefix: readonly string[]): Promise<Capture> {
    const options = ['-i', 'any', '-y', 'LINUX_SLL2', '-n', '-U', '--immediate-mode', '-s', String(SNAPSHOT), '-w', '-', FILTER]
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
  return packets.filter(({ protocol, sent }) => protocol === 'tcp' && sent).map(({ to, toPort }) => `${to}:${toPort}`)
}

/** DNS questions that the host sent, over either protocol. */
export function dnsQuestions(packets: readonly Packet[]): Packet[] {
  return packets.filter(({ sent, toPort }) => sent && (toPort === 53 || toPort === 853))
}
