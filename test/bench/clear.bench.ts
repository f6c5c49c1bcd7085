import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClearOriginCircuit } from '../../main/circuit/clear-origin.ts'
import { streamDuplex } from '../../main/circuit/stream-duplex.ts'
import { openPerspectiveLink, paDoor } from '../../main/perspective/perspective-link.ts'
import type { SessionCircuit } from '../../main/perspective/session-pool.ts'
import { circuitHop } from '../../main/relay/path.ts'
import { BlobServer } from '../interop/blob-server.ts'
import { JoinedNode } from '../interop/joined-node.ts'
import { flagsOf, StockNetwork, until } from '../interop/stock-network.ts'
import { VantageProcess } from '../interop/vantage-process.ts'
import { busySeconds, cpuSeconds, median } from './cpu.ts'

/*
 * What clear circuits save (S11): one peer downloads through one server over the same kind of link, through an onion-encrypted one-hop circuit and through a
 * clear one, in turns, in one run. The server is a process of its own, and its CPU is what is measured; the ratio is the result.
 */
const ROUNDS = 5
const STREAMS = 8
const BYTES = 10_000_000

const network = await StockNetwork.start({ authorities: 3, relays: 1, client: false })
const blobs = await BlobServer.start()
let server: VantageProcess | undefined
let peer: JoinedNode | undefined
try {
  const file = join(network.folder, 'authorities')
  await writeFile(file, ['TestingTorNetwork 1', ...network.dirAuthorityLines, ''].join('\n'))
  const ports = ['--address', '127.0.0.1', '--or-port', '0', '--dir-port', '0', '--pa-port', '0', '--allow-private']
  server = await VantageProcess.start(
    ['--network', file, ...ports, '--pa-policy', 'accept *:*', '--pa-admit', 'running', '--accept-consent', 'relay,perspective'],
    undefined,
    { settings: { perspectivePeerRate: 1e9, perspectivePeerDay: 1e15, perspectiveShare: 1 } },
  )
  peer = await JoinedNode.start(network.dirAuthorityLines, 'Peer')
  await server.event('listed', event => (event.flags as string[]).includes('Running'))
  const { fingerprint } = server
  await network.consensusWhere(text => flagsOf(text, peer!.fingerprint)?.includes('Running') === true, 60_000)
  await until('the peer knows the server', () => peer!.directory.descriptor(fingerprint)?.perspective !== undefined, 60_000)
  const descriptor = peer.directory.descriptor(fingerprint)!
  const status = peer.directory.consensus!.byFingerprint.get(fingerprint)!
  const signal = AbortSignal.timeout(60_000)
  const link = await openPerspectiveLink({ channels: peer.node.relay.channels, descriptor, purpose: 'browse', signal })
  if (!link.clear) throw new Error('the server grants no clear circuits')
  const hop = { ...circuitHop({ status, descriptor }), addresses: [paDoor(descriptor)!] }
  const ways: Record<'onion' | 'clear', SessionCircuit> = {
    onion: await peer.node.circuits.buildOver(link.channel, [hop], signal, 'pa'),
    clear: await ClearOriginCircuit.build(link.channel, signal),
  }

  const download = async (circuit: SessionCircuit) => {
    const stream = await circuit.openStream({ host: '127.0.0.1', port: blobs.port }, { signal: AbortSignal.timeout(60_000) })
    const duplex = streamDuplex(stream)
    duplex.write(`GET /${BYTES} HTTP/1.0\r\n\r\n`)
    let length = 0
    for await (const chunk of duplex) length += chunk.length
    if (length < BYTES) throw new Error('a download was cut short')
    return length
  }
  const run = async (circuit: SessionCircuit) => {
    const before = { cpu: cpuSeconds(server!.child.pid!), busy: busySeconds(), at: performance.now() }
    const lengths = await Promise.all(Array.from({ length: STREAMS }, () => download(circuit)))
    const seconds = (performance.now() - before.at) / 1000
    const megabytes = lengths.reduce((sum, length) => sum + length, 0) / 1e6
    return {
      perCpu: megabytes / (cpuSeconds(server!.child.pid!) - before.cpu),
      rate: megabytes / seconds,
      machine: (busySeconds() - before.busy) / seconds,
    }
  }
  const results = { onion: [] as Awaited<ReturnType<typeof run>>[], clear: [] as Awaited<ReturnType<typeof run>>[] }
  for (const way of ['onion', 'clear'] as const) await run(ways[way])
  for (let round = 0; round < ROUNDS; round++) for (const way of ['onion', 'clear'] as const) results[way].push(await run(ways[way]))
  for (const way of ['onion', 'clear'] as const) {
    const rounds = results[way]
      .map(r => `${r.perCpu.toFixed(0)} (${r.rate.toFixed(0)} MB/s, machine ${r.machine.toFixed(2)} cores)`)
      .join('; ')
    console.log(
      `one hop, ${way} circuit: median ${median(results[way].map(r => r.perCpu)).toFixed(0)} MB per CPU-second of the server; ${rounds}`,
    )
  }
  const ratio = (of: 'perCpu' | 'rate') => median(results.clear.map(r => r[of])) / median(results.onion.map(r => r[of]))
  console.log(`ratio clear : onion = ${ratio('perCpu').toFixed(2)} per CPU-second of the server, ${ratio('rate').toFixed(2)} in throughput`)
} finally {
  await server?.stop()
  await peer?.stop()
  await blobs.stop()
  await network.stop()
}
