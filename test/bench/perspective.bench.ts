import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BlobServer, fetchOver } from '../interop/blob-server.ts'
import { connectSocks } from '../interop/socks.ts'
import { StockNetwork } from '../interop/stock-network.ts'
import { VantageProcess } from '../interop/vantage-process.ts'
import { median } from './cpu.ts'

/*
 * What the fast road is worth (S11): the same site through one perspective hop and through three Tor hops, from the same Vantage, and through
 * three hops from a stock tor client; in turns, in one network, in one run. Figures are this machine's; the ratios are the result.
 */
const ROUNDS = 5
const BYTES = 10_000_000
const OPENINGS = 40

const network = await StockNetwork.start({ authorities: 3, relays: 2 })
const blobs = await BlobServer.start()
const vantage: VantageProcess[] = []
try {
  await network.ready()
  const file = join(network.folder, 'authorities')
  await writeFile(file, ['TestingTorNetwork 1', ...network.dirAuthorityLines, ''].join('\n'))
  const options = [
    '--network',
    file,
    '--address',
    '127.0.0.1',
    '--or-port',
    '0',
    '--dir-port',
    '0',
    '--pa-port',
    '0',
    '--allow-private',
    '--pa-policy',
    'accept *:*',
  ]
  for (const name of ['One', 'Two'])
    vantage.push(await VantageProcess.start([...options, '--nickname', name, '--accept-consent', 'relay,perspective']))
  const [one, two] = vantage as [VantageProcess, VantageProcess]
  await Promise.all([one.event('unlocked', undefined, 120_000), two.event('unlocked', undefined, 120_000)])

  const ways = {
    'one hop': () => connectSocks(one.socksPort, '127.0.0.1', blobs.port, `$${two.fingerprint}`),
    'three hops (ours)': () => connectSocks(one.socksPort, '127.0.0.1', blobs.port, 'tor'),
    'three hops (tor)': () => connectSocks(network.client.socksPort, '127.0.0.1', blobs.port, 'bench'),
  }
  type Way = keyof typeof ways
  const rates: Record<Way, number[]> = { 'one hop': [], 'three hops (ours)': [], 'three hops (tor)': [] }
  const openings: Record<Way, number[]> = { 'one hop': [], 'three hops (ours)': [], 'three hops (tor)': [] }
  const names = Object.keys(ways) as Way[]
  for (const way of names) await fetchOver(await ways[way](), { host: '127.0.0.1', path: '/1000' })
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of names) {
      const at = performance.now()
      await fetchOver(await ways[way](), { host: '127.0.0.1', path: `/${BYTES}` })
      rates[way].push(BYTES / 1e6 / ((performance.now() - at) / 1000))
    }
  }
  for (let i = 0; i < OPENINGS; i++) {
    for (const way of names) {
      const at = performance.now()
      await fetchOver(await ways[way](), { host: '127.0.0.1', path: '/1' })
      openings[way].push(performance.now() - at)
    }
  }
  for (const way of names) {
    console.log(
      `${way.padEnd(18)} one stream of ${BYTES / 1e6} MB: median ${median(rates[way]).toFixed(1)} MB/s (${rates[way].map(r => r.toFixed(1)).join(', ')}); ` +
        `open and first byte: median ${median(openings[way]).toFixed(1)} ms`,
    )
  }
  for (const way of names.slice(1)) {
    console.log(
      `ratio one hop : ${way} = ${(median(rates['one hop']) / median(rates[way])).toFixed(1)} in throughput, ` +
        `1 : ${(median(openings[way]) / median(openings['one hop'])).toFixed(1)} in time to the first byte`,
    )
  }
} finally {
  await Promise.all(vantage.map(each => each.stop()))
  await blobs.stop()
  await network.stop()
}
