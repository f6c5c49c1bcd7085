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
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const CIRCUITS = 8
const BYTES = 5_000_000

/** A folder of another version of this project, to be measured beside it in the same run. */
const OTHER = process.env['BENCH_OTHER']

const network = await StockNetwork.start({ authorities: 3, relays: 3, torrc: { authorities: ['ConsensusParams cc_alg=0'] } })
const blobs = await BlobServer.start()
const vantages: VantageProcess[] = []
try {
  await network.ready()
  // After a hundred quick circuits a stock client gives up those that take a little longer.
  await network.client.control.setConf({ LearnCircuitBuildTimeout: 0, CircuitBuildTimeout: 60 })
  const file = join(network.folder, 'authorities')
  await writeFile(file, ['TestingTorNetwork 1', ...network.dirAuthorityLines, ''].join('\n'))
  const ports = ['--address', '127.0.0.1', '--or-port', '0', '--dir-port', '0', '--pa-port', 'off', '--allow-private']
  const startOurs = async (main?: string) => {
    const vantage = await VantageProcess.start(['--network', file, ...ports, '--accept-consent', 'relay'], undefined, { main })
    vantages.push(vantage)
    await vantage.event('listed', event => (event.flags as string[]).includes('Running'))
    const { fingerprint } = vantage
    await until('the client knows us', async () => (await network.client.control.getInfo(`md/id/${fingerprint}`)).length > 0, 90_000, 500)
    return { fingerprint, pid: vantage.child.pid! }
  }
  const [guard, stock, exit] = network.relays as [(typeof network.relays)[0], (typeof network.relays)[0], (typeof network.relays)[0]]
  const middles: Record<string, { fingerprint: string; pid: number }> = {
    tor: { fingerprint: stock.fingerprint, pid: stock.pid },
    vantage: await startOurs(),
  }
  if (OTHER) middles['other'] = await startOurs(join(OTHER, 'main/headless/main.ts'))

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

  const names = Object.keys(middles)
  const results = new Map(names.map(name => [name, [] as Awaited<ReturnType<typeof run>>[]]))
  for (const middle of Object.values(middles)) await run(middle)
  for (let round = 0; round < ROUNDS; round++) for (const name of names) results.get(name)!.push(await run(middles[name]!))
  const perCpu = (name: string) => median(results.get(name)!.map(result => result.perCpu))
  for (const name of names) {
    const figures = results
      .get(name)!
      .map(
        r =>
          `${r.perCpu.toFixed(0)} (${r.rate.toFixed(1)} MB/s, ${(r.share * 100).toFixed(0)} % of a core, machine ${r.machine.toFixed(2)} cores)`,
      )
    console.log(`middle relay, ${name.padEnd(7)} MB per CPU-second: median ${perCpu(name).toFixed(0)}; rounds: ${figures.join('; ')}`)
  }
  for (const name of names.slice(1)) {
    const ratio = (perCpu(name) / perCpu('tor')).toFixed(2)
    console.log(
      `middle relay, ratio ${name} : tor = ${ratio}  (${CIRCUITS} circuits × ${BYTES / 1e6} MB, TOR1, same network, rounds in turns)`,
    )
  }
} finally {
  await Promise.all(vantages.map(vantage => vantage.stop()))
  await blobs.stop()
  await network.stop()
}
