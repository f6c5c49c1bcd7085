import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BlobServer, fetchOver } from '../interop/blob-server.ts'
import { StockNetwork, until } from '../interop/stock-network.ts'
import { VantageProcess } from '../interop/vantage-process.ts'
import { busySeconds, cpuSeconds, median } from './cpu.ts'

/*
 * What a middle relay carries per second of its CPU: ours and stock tor's, side by side in one network and one run, in turns, under the same
 * load (a stock client downloads through stock guard → the middle measured → stock exit). Congestion control is off, so that both do the same
 * relay encryption (TOR1); the number to compare is the ratio, the machine decides the rest.
 */
const ROUNDS = 3
const CIRCUITS = 8
const BYTES = 5_000_000

const network = await StockNetwork.start({ authorities: 3, relays: 3, torrc: { authorities: ['ConsensusParams cc_alg=0'] } })
const blobs = await BlobServer.start()
let vantage: VantageProcess | undefined
try {
  await network.ready()
  const file = join(network.folder, 'authorities')
  await writeFile(file, ['TestingTorNetwork 1', ...network.dirAuthorityLines, ''].join('\n'))
  const ports = ['--address', '127.0.0.1', '--or-port', '0', '--dir-port', '0', '--pa-port', 'off', '--allow-private']
  vantage = await VantageProcess.start(['--network', file, ...ports, '--accept-consent', 'relay'])
  await vantage.event('listed', event => (event.flags as string[]).includes('Running'))
  const ours = vantage.fingerprint
  await until('the client knows us', async () => (await network.client.control.getInfo(`md/id/${ours}`)).length > 0, 90_000, 500)
  const [guard, stock, exit] = network.relays as [(typeof network.relays)[0], (typeof network.relays)[0], (typeof network.relays)[0]]
  const middles = { vantage: { fingerprint: ours, pid: vantage.child.pid! }, tor: { fingerprint: stock.fingerprint, pid: stock.pid } }

  const run = async ({ fingerprint, pid }: { fingerprint: string; pid: number }) => {
    const sockets = []
    for (let i = 0; i < CIRCUITS; i++)
      sockets.push(await network.openStream([guard.fingerprint, fingerprint, exit.fingerprint], '127.0.0.1', blobs.port))
    const before = { cpu: cpuSeconds(pid), busy: busySeconds(), at: performance.now() }
    const bodies = await Promise.all(sockets.map(socket => fetchOver(socket, { host: '127.0.0.1', path: `/${BYTES}` })))
    const seconds = (performance.now() - before.at) / 1000
    const megabytes = bodies.reduce((sum, body) => sum + body.length, 0) / 1e6
    const cpu = cpuSeconds(pid) - before.cpu
    return { perCpu: megabytes / cpu, rate: megabytes / seconds, share: cpu / seconds, machine: (busySeconds() - before.busy) / seconds }
  }

  const results = { vantage: [] as Awaited<ReturnType<typeof run>>[], tor: [] as Awaited<ReturnType<typeof run>>[] }
  for (const middle of Object.values(middles)) await run(middle)
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ['tor', 'vantage'] as const) results[name].push(await run(middles[name]))
  }
  const show = (name: 'vantage' | 'tor') => {
    const list = results[name]
    const figures = list.map(
      r =>
        `${r.perCpu.toFixed(0)} (${r.rate.toFixed(1)} MB/s, ${(r.share * 100).toFixed(0)} % of a core, machine ${r.machine.toFixed(2)} cores)`,
    )
    console.log(
      `middle relay, ${name.padEnd(7)} MB per CPU-second: median ${median(list.map(r => r.perCpu)).toFixed(0)}; rounds: ${figures.join('; ')}`,
    )
  }
  show('tor')
  show('vantage')
  const ratio = median(results.vantage.map(r => r.perCpu)) / median(results.tor.map(r => r.perCpu))
  console.log(
    `middle relay, ratio vantage : tor = ${ratio.toFixed(2)}  (${CIRCUITS} circuits × ${BYTES / 1e6} MB, TOR1, same network, rounds in turns)`,
  )
} finally {
  await vantage?.stop()
  await blobs.stop()
  await network.stop()
}
