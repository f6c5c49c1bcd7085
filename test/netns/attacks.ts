// Attacks on a relay from another host.
import { connect } from 'node:net'
import { Command } from '../../main/cell/command.ts'
import { type Cell, CellSplitter, encodeFixedCell, encodeVariableCell, encodeVersions } from '../../main/cell/frame.ts'
import { encodeNetinfo } from '../../main/cell/netinfo.ts'
import { decodePaStatus, encodePaNegotiate, PaPurpose } from '../../main/cell/pa.ts'
import { LinkHandshake } from '../../main/channel/link-handshake.ts'
import type { LinkKeys } from '../../main/channel/link-keys.ts'
import { generateEd25519 } from '../../main/crypto/ed25519.ts'
import { connectTls, LinkCertificates, listenTls, type TlsLink } from '../../main/net/tls.ts'
import { RelayKeys } from '../../main/relay/keys.ts'

/** A relay that only listens to how others prove who they are. */
let loot: { certs: Buffer; authenticate: Buffer } | undefined
let evilKeys: RelayKeys | undefined

/** Starts it; `keys`: a folder for its own keys, which are made. */
export async function listenForProofs(
  keys: string,
  address: string,
  port: number,
): Promise<{ rsaIdentity: Buffer; ed25519Identity: Buffer }> {
  evilKeys = await RelayKeys.load(keys)
  const certificates = new LinkCertificates()
  await listenTls({
    host: address,
    port,
    certificate: () => certificates.current(Date.now()),
    onConnection: link => void record(link),
  })
  const { rsa, ed25519Identity } = evilKeys.linkKeys()
  return { rsaIdentity: rsa.fingerprint, ed25519Identity }
}

function record(link: TlsLink): void {
  const handshake = new LinkHandshake('responder', { keys: evilKeys!.linkKeys(), ...tlsOf(link), now: Date.now })
  const splitter = new CellSplitter({ wide: false, maxVariableBody: 65_535 })
  const seen = new Map<number, Buffer>()
  link.attach({
    onData: chunk => {
      handshake.receive(Buffer.from(chunk))
      for (const cell of handshake.output.splice(0)) link.write(cell, () => {})
      splitter.push(chunk)
      for (let cell = splitter.next(); cell; cell = splitter.next()) {
        if (cell.command === Command.VERSIONS) splitter.setWide()
        seen.set(cell.command, Buffer.from(cell.raw))
      }
      const [certs, authenticate] = [seen.get(Command.CERTS), seen.get(Command.AUTHENTICATE)]
      if (certs && authenticate) loot = { certs, authenticate }
    },
    onClose: () => {},
  })
}

function tlsOf(link: TlsLink) {
  return {
    tls: {
      certificate: link.certificate,
      exporter: (length: number, label: string, context: Buffer) => link.exportKeyingMaterial(length, label, context),
    },
    remoteAddress: link.remoteAddress,
  }
}

export function hasLoot(): boolean {
  return loot !== undefined
}

/** How a door takes an impostor: it closes, or says a PA_STATUS. */
export type Outcome = { readonly closed: true; readonly ms: number } | { readonly status: number; readonly ms: number }

/**
 * Calls at a door as the relay whose proofs were recorded. 'replayed': its CERTS and AUTHENTICATE, byte for byte, as on the other link. 'forged':
 * its identity certificates, with a signing key of our own behind them.
 */
export async function impersonate(
  address: string,
  port: number,
  way: 'replayed' | 'forged',
  from: string,
  victimKeys?: string,
): Promise<Outcome> {
  const started = performance.now()
  const link = await connectTls({ host: address, port, localAddress: from, signal: AbortSignal.timeout(20_000), timeoutMs: 10_000 })
  const outcome = Promise.withResolvers<Outcome>()
  const ms = () => performance.now() - started
  const write = (cell: Buffer) => link.write(cell, () => {})
  const netinfo = { time: Date.now(), otherAddress: address, myAddresses: [from] }
  const negotiate = () => {
    const body = encodePaNegotiate({ version: 1, capabilities: 0, purpose: PaPurpose.BROWSE })
    write(encodeVariableCell(0, Command.PA_NEGOTIATE, body))
  }
  const splitter = new CellSplitter({ wide: false, maxVariableBody: 65_535 })
  const forged = way === 'forged' ? await forgedKeys(victimKeys!) : undefined
  const handshake = forged && new LinkHandshake('initiator', { keys: forged, ...tlsOf(link), now: Date.now })
  let opened = false
  const onCell = (cell: Cell) => {
    if (cell.command === Command.VERSIONS) {
      splitter.setWide()
      if (handshake) return
      for (const bytes of [loot!.certs, loot!.authenticate, encodeFixedCell(0, Command.NETINFO, encodeNetinfo(netinfo))]) write(bytes)
      negotiate()
    }
    if (cell.command === Command.PA_STATUS) outcome.resolve({ status: decodePaStatus(cell.body).status, ms: ms() })
  }
  const flush = () => {
    for (const cell of handshake?.output.splice(0) ?? []) write(cell)
  }
  link.attach({
    onData: chunk => {
      if (handshake && !opened) {
        handshake.receive(Buffer.from(chunk))
        flush()
        opened = handshake.state.kind === 'open'
        if (opened) negotiate()
      }
      splitter.push(chunk)
      for (let cell = splitter.next(); cell; cell = splitter.next()) onCell(cell)
    },
    onClose: () => outcome.resolve({ closed: true, ms: ms() }),
  })
  if (handshake) flush()
  else write(encodeVersions([4, 5]))
  try {
    return await outcome.promise
  } finally {
    link.destroy()
  }
}

/** The certificates of a relay, which everybody can have, around a signing key that is not its. */
async function forgedKeys(folder: string): Promise<LinkKeys> {
  const keys = (await RelayKeys.load(folder)).linkKeys()
  return { ...keys, signingKey: generateEd25519() }
}

interface Held {
  readonly openedAt: number
  closedAt: number | undefined
}
const held: Held[] = []

/** Opens connections that say `first` and then one byte of `drip` every 500 ms, or nothing. */
export async function hold(address: string, port: number, count: number, first: string, drip?: string): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ host: address, port })
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      const entry: Held = { openedAt: Date.now(), closedAt: undefined }
      held.push(entry)
      socket.on('error', () => {})
      socket.write(Buffer.from(first, 'latin1'))
      const timer = drip === undefined ? undefined : setInterval(() => socket.write(drip), 500)
      socket.on('close', () => {
        clearInterval(timer)
        entry.closedAt = Date.now()
      })
      socket.resume()
    }),
  )
}

/** Asks for so many TLS connections at once: how many were made. They are closed again. */
export async function knock(address: string, port: number, count: number): Promise<number> {
  const one = () => connectTls({ host: address, port, signal: AbortSignal.timeout(10_000), timeoutMs: 10_000 })
  const outcomes = await Promise.allSettled(Array.from({ length: count }, one))
  const made = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  for (const link of made) link.destroy()
  return made.length
}

/** Makes a TLS connection and says nothing on it. */
export async function holdTls(address: string, port: number): Promise<void> {
  const link = await connectTls({ host: address, port, signal: AbortSignal.timeout(10_000), timeoutMs: 10_000 })
  const entry: Held = { openedAt: Date.now(), closedAt: undefined }
  held.push(entry)
  link.attach({
    onData: () => {},
    onClose: () => {
      entry.closedAt = Date.now()
    },
  })
}

/** Proves some identity at a perspective door and then asks for nothing. */
export async function holdLink(keys: string, address: string, port: number): Promise<void> {
  const own = (await RelayKeys.load(keys)).linkKeys()
  const entry: Held = { openedAt: Date.now(), closedAt: undefined }
  const link = await connectTls({ host: address, port, signal: AbortSignal.timeout(10_000), timeoutMs: 10_000 })
  const handshake = new LinkHandshake('initiator', { keys: own, ...tlsOf(link), now: Date.now })
  const flush = () => {
    for (const cell of handshake.output.splice(0)) link.write(cell, () => {})
  }
  held.push(entry)
  link.attach({
    onData: chunk => {
      handshake.receive(Buffer.from(chunk))
      flush()
    },
    onClose: () => {
      entry.closedAt = Date.now()
    },
  })
  flush()
}

/** How long each held connection has lived, ms; `undefined`: it still does. */
export function lifetimes(): (number | undefined)[] {
  return held.map(({ openedAt, closedAt }) => (closedAt === undefined ? undefined : closedAt - openedAt))
}
