import { mkdtemp, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openPerspectiveLink } from '../../main/perspective/perspective-link.ts'
import { circuitHop } from '../../main/relay/path.ts'
import { BlobServer, fetchOver } from '../interop/blob-server.ts'
import { JoinedNode } from '../interop/joined-node.ts'
import { flagsOf, StockNetwork, until } from '../interop/stock-network.ts'
import { VantageProcess } from '../interop/vantage-process.ts'
import { median } from './cpu.ts'

/*
 * What perspective access costs Tor (S19, T16): stock clients' circuits through one Vantage relay whose line is the bottleneck (a bandwidth limit, so
 * that CPU is not), first with perspective access idle, then while eight peers pull through it as much as they are let; in turns, in one run.
 */
const RATE = 4_000_000
const PEERS = 8
const ROUNDS = 3
const CIRCUITS = 4
const BYTES = 4_000_000
const PINGS = 15

/** What peers pull: comes for as long as it is read, and costs this process nothing before. */
const fed = new Set<Socket>()
const endless = createServer(socket => {
  const chunk = Buffer.alloc(64 * 1024)
  const feed = () => {
    while (!socket.destroyed && socket.write(chunk));
  }
  fed.add(socket)
  socket
    .on('drain', feed)
    .on('error', () => {})
    .on('close', () => fed.delete(socket))
  socket.resume()
  feed()
})
await new Promise<void>(resolve => endless.listen(0, '127.0.0.1', resolve))
const endlessPort = (endless.address() as AddressInfo).port

const network = await StockNetwork.start({ authorities: 3, relays: 2 })
const blobs = await BlobServer.start()
const peers: JoinedNode[] = []
let vantage: VantageProcess | undefined
try {
  await network.ready()
  const folder = await mkdtemp(join(tmpdir(), 'vantage-'))
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ bandwidthRate: RATE, bandwidthBurst: RATE }))
  const file = join(network.folder, 'authorities')
  await writeFile(file, ['TestingTorNetwork 1', ...network.dirAuthorityLines, ''].join('\n'))
  const ports = ['--address', '127.0.0.1', '--or-port', '0', '--dir-port', '0', '--pa-port', '0', '--allow-private']
  vantage = await VantageProcess.start(
    ['--network', file, ...ports, '--pa-policy', 'accept *:*', '--pa-admit', 'running', '--accept-consent', 'relay,perspective'],
    folder,
  )
  for (let i = 0; i < PEERS; i++) peers.push(await JoinedNode.start(network.dirAuthorityLines, `Peer${i}`))
  await vantage.event('listed', event => (event.flags as string[]).includes('Running'))
  const { fingerprint } = vantage
  await network.consensusWhere(text => peers.every(peer => flagsOf(text, peer.fingerprint)?.includes('Running')), 60_000)
  await until('peers know the relay', () => peers.every(peer => peer.directory.descriptor(fingerprint)?.perspective !== undefined), 60_000)
  await until('the client knows us', async () => (await network.client.control.getInfo(`md/id/${fingerprint}`)).length > 0, 90_000, 500)

  // After a hundred quick circuits a stock client gives up those that take a little longer; here they are to be measured.
  await network.client.control.setConf({ LearnCircuitBuildTimeout: 0, CircuitBuildTimeout: 60 })
  const path = [network.relays[0]!.fingerprint, fingerprint, network.relays[1]!.fingerprint]
  const measureTor = async () => {
    const sockets = []
    for (let i = 0; i < CIRCUITS; i++) sockets.push(await network.openStream(path, '127.0.0.1', blobs.port))
    const quick = await network.openStream(path, '127.0.0.1', blobs.port)
    quick.destroy()
    const at = performance.now()
    const downloads = Promise.all(sockets.map(socket => fetchOver(socket, { host: '127.0.0.1', path: `/${BYTES}` })))
    // A failure below is the one to report, not the downloads that it cuts off.
    downloads.catch(() => {})
    const pings: number[] = []
    for (let i = 0; i < PINGS; i++) {
      const started = performance.now()
      await fetchOver(await network.openStream(path, '127.0.0.1', blobs.port), { host: '127.0.0.1', path: '/1' })
      pings.push(performance.now() - started)
    }
    await downloads
    return { rate: (CIRCUITS * BYTES) / 1e6 / ((performance.now() - at) / 1000), ping: median(pings) }
  }

  const stop = new AbortController()
  let pulling = false
  let pulled = 0
  /** Streams that were not let in: peers pull as much as they are let, and ask again. */
  let refused = 0
  const pull = async (peer: JoinedNode) => {
    const descriptor = peer.directory.descriptor(fingerprint)!
    const link = await openPerspectiveLink({
      channels: peer.node.relay.channels,
      descriptor,
      purpose: 'browse',
      signal: AbortSignal.timeout(60_000),
    })
    const status = peer.directory.consensus!.byFingerprint.get(fingerprint)!
    const circuit = await peer.node.circuits.buildOver(
      link.channel,
      [circuitHop({ status, descriptor })],
      AbortSignal.timeout(30_000),
      'pa',
    )
    while (!stop.signal.aborted) {
      if (!pulling) {
        await until('more to pull', () => pulling || stop.signal.aborted, 600_000, 50)
        continue
      }
      const stream = await circuit.openStream({ host: '127.0.0.1', port: endlessPort }, { signal: stop.signal }).catch(async error => {
        if (stop.signal.aborted || error.name !== 'StreamRefused') throw error
        refused++
        await delay(100)
      })
      if (!stream) continue
      await new Promise<void>(resolve => {
        stream.onData = data => {
          pulled += data.length
          if (!pulling) stream.abort()
        }
        stream.onEnd = () => resolve()
        stream.onClose.add(() => resolve())
        stream.resume()
      })
    }
  }
  const pullers = peers.map(peer => pull(peer).catch(error => (stop.signal.aborted ? undefined : Promise.reject(error))))

  await measureTor()
  const off: Awaited<ReturnType<typeof measureTor>>[] = []
  const on: Awaited<ReturnType<typeof measureTor>>[] = []
  const pulledRates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    off.push(await measureTor())
    pulling = true
    const before = { pulled, at: performance.now() }
    on.push(await measureTor())
    pulledRates.push((pulled - before.pulled) / 1e6 / ((performance.now() - before.at) / 1000))
    pulling = false
  }
  // And what peers get when Tor leaves the line alone.
  pulling = true
  const alone = { pulled, at: performance.now() }
  await until('ten seconds of pulling', () => performance.now() - alone.at > 10_000, 20_000)
  const aloneRate = (pulled - alone.pulled) / 1e6 / ((performance.now() - alone.at) / 1000)
  stop.abort()
  pulling = false
  await Promise.all(pullers)

  const show = (name: string, list: typeof off) =>
    console.log(
      `Tor circuits through a line of ${RATE / 1e6} MB/s, perspective access ${name}: median ${median(list.map(r => r.rate)).toFixed(2)} MB/s ` +
        `(${list.map(r => r.rate.toFixed(2)).join(', ')}), first byte ${median(list.map(r => r.ping)).toFixed(0)} ms`,
    )
  show('idle', off)
  show(`pulled by ${PEERS} peers`, on)
  console.log(
    `peers got meanwhile ${median(pulledRates).toFixed(2)} MB/s together, and ${aloneRate.toFixed(2)} MB/s with Tor idle (${refused} streams refused)`,
  )
  console.log(
    `ratio of Tor's throughput, pulled : idle = ${(median(on.map(r => r.rate)) / median(off.map(r => r.rate))).toFixed(2)}; ` +
      `of the time to the first byte = ${(median(on.map(r => r.ping)) / median(off.map(r => r.ping))).toFixed(2)}`,
  )
} finally {
  await vantage?.stop()
  await Promise.all(peers.map(peer => peer.stop()))
  await blobs.stop()
  for (const socket of fed) socket.destroy()
  endless.close()
  await network.stop()
}
