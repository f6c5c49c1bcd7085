import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DirectoryClient } from '../../main/directory/client.ts'
import { parseServerDescriptor } from '../../main/document/server-descriptor.ts'
import { StockNetwork, until } from '../interop/stock-network.ts'
import { VantageProcess } from '../interop/vantage-process.ts'
import { busySeconds, cpuSeconds } from './cpu.ts'
import { PacedServer } from './paced-server.ts'
import { publicSizedRelays, type SizedRelay, voteRouter } from './public-sized.ts'
import { SizedAuthorities } from './sized-authorities.ts'
import { UiClient } from './ui-client.ts'

/*
 * How long the event loop of a Vantage host keeps anybody waiting while it relays 20 Mbit/s as the middle of stock tor's circuits: alone; while documents
 * of a network as large as the public one arrive, are verified and are served; when the next consensus follows; and with a UI that takes every change with
 * 9,000 relays known. The aim is 50 ms at the 99th percentile. Fake authorities serve the documents; stock ones list our relay for the stock client.
 */
const RELAYS = Number(process.env['BENCH_RELAYS'] ?? 9000)
const AUTHORITIES = 9
const RATE = 20_000_000 / 8
const CIRCUITS = 4
const QUIET_SECONDS = 15
const HOST = '127.0.0.1'
/** Where that is allowed, ahead of all other processes: it is to be measured how long our own work takes, not how busy the machine is. */
const AHEAD = process.getuid?.() === 0 ? ['nice', '-n', '-15'] : []

interface LoopDelay {
  readonly span: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Without the time for which other processes had the processor. */
  readonly own: { readonly p50: number; readonly p99: number; readonly max: number; readonly long: readonly number[] }
  readonly gc: { readonly longest: number; readonly total: number; readonly kind: number }
  readonly rss: number
}

const worst = (turns: readonly number[]) => {
  const [longest] = [turns.toSorted((a, b) => b - a).slice(0, 5)]
  return turns.length === 0 ? '' : `, ${turns.length} over 50 ms: ${longest.map(ms => ms.toFixed(0)).join(' ')}`
}

const relays = await publicSizedRelays(RELAYS)
const network = await StockNetwork.start({ authorities: 3, relays: 3, torrc: { authorities: ['ConsensusParams cc_alg=0'] } })
const paced = await PacedServer.start(RATE)
const work = await mkdtemp(join(tmpdir(), 'bench-loop-'))
let authorities: SizedAuthorities | undefined
let vantage: VantageProcess | undefined
let ui: UiClient | undefined
try {
  await network.ready()
  // After a hundred quick circuits a stock client gives up those that take a little longer.
  await network.client.control.setConf({ LearnCircuitBuildTimeout: 0, CircuitBuildTimeout: 60 })
  authorities = await SizedAuthorities.start(
    AUTHORITIES,
    network.authorities.map(node => node.dirPort),
  )
  const { served, uploads } = authorities
  // The stock relays are in the large network too, with nearly all its weight, so that whatever our relay builds goes through them.
  const stock: SizedRelay[] = []
  for (const node of [...network.authorities, ...network.relays]) {
    const descriptor = await network.descriptor(node.fingerprint)
    const flags = ['Exit', 'Fast', 'Guard', 'Running', 'Stable', 'V2Dir', 'Valid']
    stock.push({ descriptor, ...voteRouter(parseServerDescriptor(descriptor), flags, 100_000_000) })
  }
  const listing = (more: readonly SizedRelay[], own?: string) => {
    const list = [...stock, ...more]
    if (own) list.push({ descriptor: own, ...voteRouter(parseServerDescriptor(own), ['Fast', 'Running', 'Stable', 'V2Dir', 'Valid'], 1) })
    return list
  }
  // Fresh for long: the next one is fetched when we say so, by its being expected since a moment.
  authorities.serve(listing([]), { validAfter: Date.now() - 10_000, freshMs: 40_000 }, { votes: false })

  const file = join(work, 'authorities')
  await writeFile(file, `${authorities.lines.join('\n')}\n`)
  const measured = join(work, 'delays')
  const loader = join(import.meta.dirname, 'loop-delay-loader.mjs')
  const profile = process.env['BENCH_PROFILE'] ? ` --cpu-prof --cpu-prof-dir=${process.env['BENCH_PROFILE']}` : ''
  vantage = await VantageProcess.start(
    [
      ...['--network', file, '--address', HOST, '--or-port', '0', '--dir-port', '0', '--pa-port', '0', '--allow-private'],
      ...['--accept-consent', 'relay,perspective'],
    ],
    undefined,
    { spawnPrefix: [...AHEAD, 'env', `NODE_OPTIONS=--import=${loader}${profile}`, `VANTAGE_LOOP_DELAY_FILE=${measured}`] },
  )
  const pid = vantage.child.pid!
  const isPublished = () => uploads.size > 0
  await until('our relay publishes', isPublished, 60_000)
  const [[own, ownText]] = [...uploads] as [[string, string]]
  await network.listed(own)
  await until('the client knows us', async () => (await network.client.control.getInfo(`md/id/${own}`)).length > 0, 90_000, 500)

  const path = [network.relays[0]!.fingerprint, own, network.relays[1]!.fingerprint]
  let carried = 0
  let broken = 0
  for (let i = 0; i < CIRCUITS; i++) {
    const socket = await network.openStream(path, HOST, paced.port)
    socket.on('data', data => {
      carried += data.length
    })
    socket.on('close', () => broken++)
  }

  let lines = 0
  const take = async (): Promise<LoopDelay> => {
    process.kill(pid, 'SIGUSR2')
    const text = await until(
      'the measurement',
      async () => {
        const all = (await readFile(measured, 'utf8').catch(() => '')).trimEnd().split('\n').filter(Boolean)
        return all.length > lines ? all : undefined
      },
      10_000,
      20,
    )
    lines = text.length
    return JSON.parse(text.at(-1)!)
  }
  const phase = async (name: string, run: () => Promise<string>) => {
    await take()
    const before = { at: performance.now(), carried, cpu: cpuSeconds(pid), busy: busySeconds() }
    const note = await run()
    const seconds = (performance.now() - before.at) / 1000
    const delays = await take()
    const rate = ((carried - before.carried) * 8) / 1e6 / seconds
    const { own } = delays
    const figures = (d: { p50: number; p99: number; max: number }) =>
      `p50 ${d.p50.toFixed(1)} p99 ${d.p99.toFixed(1)} max ${d.max.toFixed(0)} ms`
    console.log(
      `${name.padEnd(34)} ${figures(own)}${worst(own.long)} (with what other processes took: ${figures(delays)}); ` +
        `longest pause for garbage ${delays.gc.longest.toFixed(0)} ms (kind ${delays.gc.kind}), in all ${delays.gc.total.toFixed(0)} ms; ` +
        `${rate.toFixed(1)} Mbit/s, ${(((cpuSeconds(pid) - before.cpu) / seconds) * 100).toFixed(0)} % of a core, machine ` +
        `${((busySeconds() - before.busy) / seconds).toFixed(2)} cores, ${(delays.rss / 1e6).toFixed(0)} MB; ${seconds.toFixed(0)} s${note}`,
    )
    return delays
  }

  console.log(
    `load average before: ${loadavg()
      .map(load => load.toFixed(2))
      .join(' ')}`,
  )
  await phase('(a) relaying alone', () => delay(QUIET_SECONDS * 1000, ''))

  const source = { kind: 'dirport', address: HOST, port: vantage.port('dir') } as const
  const client = new DirectoryClient()
  const fetchFromUs = (what: string) => client.get(source, `/tor/${what}`, { maxBytes: 64 * 1024 * 1024 })
  /** Everything of the newest consensus is there when our own directory serves the last of it. */
  const last = relays.at(-1)!.router
  const complete = async () => {
    const answers = [
      await fetchFromUs(`server/d/${last.descriptorDigest}`),
      await fetchFromUs(`micro/d/${last.microdescriptorDigests.get(33)}`),
    ]
    return answers.every(({ status }) => status === 200)
  }
  await phase('(b) documents arrive, are served', async () => {
    const sizes = authorities!.serve(listing(relays, ownText), { validAfter: Date.now() - 5000, freshMs: 60_000 }, { votes: true })
    const before = { documents: served.documents, votes: served.votes }
    await until('all documents', complete, 240_000, 1000)
    const whole = await fetchFromUs('server/all')
    await Promise.all(['', '-microdesc'].map(flavor => fetchFromUs(`status-vote/current/consensus${flavor}`)))
    // And the time in which they are parsed and their signatures checked, a millisecond each and three of rest.
    await delay(RELAYS * 5)
    const megabytes = (whole.body.length / 1e6).toFixed(0)
    return `; consensus ${(sizes.ns / 1e6).toFixed(1)} + ${(sizes.microdesc / 1e6).toFixed(1)} MB, vote ${(sizes.vote / 1e6).toFixed(1)} MB × ${served.votes - before.votes}, ${served.documents - before.documents} document requests, ${megabytes} MB of descriptors served at once`
  })

  ui = await UiClient.open(vantage.last('listening')!.ui as string)
  await phase('(c) a UI takes all changes', async () => {
    const state = (await ui!.call('state.get')) as { perspective: { relays: unknown[] } }
    const { patches } = ui!
    await delay(QUIET_SECONDS * 1000)
    return `; ${state.perspective.relays.length} relays in the state, ${((ui!.patches - patches) / QUIET_SECONDS).toFixed(1)} changes a second, ${(ui!.bytes / 1e6).toFixed(1)} MB`
  })

  await phase('(d) the next consensus, UI open', async () => {
    // One relay in ten has published anew, as it is about every two hours on the public network.
    const changed = relays.map(relay => relay)
    const before = served.votes
    authorities!.serve(listing(changed, ownText), { validAfter: Date.now() - 2000, freshMs: 3_600_000 }, { votes: true })
    await until('votes of the next consensus', () => served.votes > before, 120_000)
    await delay(QUIET_SECONDS * 1000)
    return ''
  })
  if (broken > 0) console.log(`${broken} of ${CIRCUITS} circuits broke`)
} finally {
  await ui?.close()
  await vantage?.stop()
  await authorities?.stop()
  await paced.stop()
  await network.stop()
  await rm(work, { recursive: true, force: true })
}
