// Destinations under test control, run inside a host: web sites, traps, and a DNS server whose answers may change with every question.
import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { ipToBytes } from '../../main/lib/ip.ts'
import { blob } from '../interop/blob-server.ts'
import { type DirRequest, fetchDir } from '../interop/stock-node.ts'

const visits: string[] = []
let sent = 0

/**
 * A web site: `/<n>` is a page of n reproducible bytes, `/whoami` the visitor's address; other visits are answered 404. `visitors` says who came.
 */
export async function startWeb(address: string, port: number): Promise<void> {
  const server = createHttpServer((request, answer) => {
    const visitor = request.socket.remoteAddress ?? ''
    visits.push(visitor)
    const size = /^\/(\d{1,9})$/.exec(request.url ?? '')?.[1]
    if (request.url === '/whoami') answer.end(visitor)
    else if (size !== undefined) answer.end(blob(Number(size)))
    else answer.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(port, address, resolve))
}

/** Addresses from which the web sites of this host were visited, in order. */
export function visitors(): string[] {
  return visits
}

/** Sends zeros for as long as they are taken. */
export async function startFountain(address: string, port: number): Promise<void> {
  const server = createServer(socket => {
    const chunk = Buffer.alloc(65_536)
    const pour = () => {
      let more = true
      while (more && !socket.destroyed) {
        more = socket.write(chunk)
        sent += chunk.length
      }
    }
    socket.on('drain', pour).on('error', () => {})
    pour()
  })
  await new Promise<void>(resolve => server.listen(port, address, resolve))
}

/** Bytes that the fountains of this host poured out. */
export function poured(): number {
  return sent
}

const sprungTraps: string[] = []

/** Listens where nobody may get. */
export async function startTraps(addresses: readonly string[], ports: readonly number[]): Promise<void> {
  for (const address of addresses) {
    for (const port of ports) {
      const server = createServer(socket => {
        sprungTraps.push(`${address}:${port} from ${socket.remoteAddress}`)
        socket.destroy()
      })
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve))
    }
  }
}

/** Who got where nobody may get. */
export function sprung(): string[] {
  return sprungTraps
}

/** A GET or POST of a DirPort, for a test process that has no way into this network. */
export function fetchHere(request: DirRequest): Promise<{ status: number; body: Buffer }> {
  return fetchDir(request)
}

/** Answers of a name, by round: every question of its type takes the next, the last one stays. */
export interface NameAnswers {
  readonly a?: readonly (readonly string[])[]
  readonly aaaa?: readonly (readonly string[])[]
  /** Seconds; default 1. */
  readonly ttl?: number
}

const names = new Map<string, NameAnswers>()
const asked: string[] = []
const A = 1
const AAAA = 28

export function setNames(answers: Readonly<Record<string, NameAnswers>>): void {
  for (const [name, answer] of Object.entries(answers)) names.set(name, answer)
}

/** "a example.net from 193.10.7.1" of each question, in order. */
export function questions(): string[] {
  return asked
}

/** A DNS server over UDP and TCP (RFC 1035); what it does not know does not exist. */
export async function startDns(address: string): Promise<void> {
  const datagrams: DatagramSocket = createSocket('udp4')
  datagrams.on('message', (message, from) => {
    const reply = answerDns(message, from.address)
    if (reply) datagrams.send(reply, from.port, from.address)
  })
  await new Promise<void>(resolve => datagrams.bind(53, address, resolve))
  const streams = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.once('data', data => {
      const reply = answerDns(data.subarray(2), socket.remoteAddress ?? '')
      if (!reply) return void socket.destroy()
      const length = Buffer.alloc(2)
      length.writeUInt16BE(reply.length)
      socket.end(Buffer.concat([length, reply]))
    })
  })
  await new Promise<void>(resolve => streams.listen(53, address, resolve))
}

function answerDns(message: Buffer, from: string): Buffer | undefined {
  if (message.length < 17) return undefined
  const labels: string[] = []
  let at = 12
  while (message[at]) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]!))
    at += message[at]! + 1
  }
  const type = message.readUInt16BE(at + 1)
  const end = at + 5
  const name = labels.join('.').toLowerCase()
  const family = type === A ? 'a' : type === AAAA ? 'aaaa' : `type${type}`
  const before = asked.filter(one => one.startsWith(`${family} ${name} `)).length
  asked.push(`${family} ${name} from ${from}`)
  const known = names.get(name)
  const rounds = (family === 'a' || family === 'aaaa' ? known?.[family] : undefined) ?? []
  const addresses = rounds[Math.min(before, rounds.length - 1)] ?? []
  const records = addresses.map(address => {
    const data = ipToBytes(address)!
    // NAME pointer to the question · TYPE u16 · CLASS u16 · TTL u32 · RDLENGTH u16 · RDATA
    const record = Buffer.alloc(12)
    record.writeUInt16BE(0xc00c, 0)
    record.writeUInt16BE(type, 2)
    record.writeUInt16BE(1, 4)
    record.writeUInt32BE(known?.ttl ?? 1, 6)
    record.writeUInt16BE(data.length, 10)
    return Buffer.concat([record, data])
  })
  const head = Buffer.from(message.subarray(0, end))
  // QR, RD, RA; NXDOMAIN (3) for names that are not there.
  head.writeUInt16BE(0x8180 | (known ? 0 : 3), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(records.length, 6)
  head.writeUInt32BE(0, 8)
  return Buffer.concat([head, ...records])
}
