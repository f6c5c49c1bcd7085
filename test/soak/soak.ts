// npm run soak -- [--minutes N] [--peers N] [--streams N]: many peers browse through each other while some of them are killed and come back.
// Not part of npm test. Exit code 0: every completed transfer had the right hash, and nothing had grown at the end.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePorts } from '../../main/practice/loopback.ts'
import { BlobServer } from '../interop/blob-server.ts'
import { StockNetwork } from '../interop/stock-network.ts'
import { type Measure, SoakPeer } from './soak-peer.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15' },
    peers: { type: 'string', default: '8' },
    streams: { type: 'string', default: '50' },
  },
})
const minutes = Number(values.minutes)
const count = Number(values.peers)
const streams = Number(values.streams)
if (!(minutes > 0) || !(count >= 3) || !(streams >= 1)) throw new Error('--minutes above 0, --peers from 3, --streams from 1')

/** These are never interrupted: what they hold at the end can be compared with what they held at the start. */
const SURVIVORS = 2
const WARM_UP_MS = 30_000
const SETTLE_MS = 20_000
/** Between two interruptions. */
const CALM_MS = [4_000, 12_000] as const
const AWAY_MS = [0, 6_000] as const
/** What may be more at the end: a connection or two to each relay; and what V8 has not given back. */
const ALLOWED = { descriptors: count + 4, circuits: count, memory: { factor: 1.5, plusMB: 60 } } as const

const started = Date.now()
const say = (text: string) => process.stdout.write(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}\n`)
const between = ([low, high]: readonly [number, number]) => low + Math.random() * (high - low)
const problems: string[] = []

const peers: SoakPeer[] = []
let network: StockNetwork | undefined
let blobs: BlobServer | undefined

/** The signal that ends the whole run early, and everything that it started. */
const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())

/** One stretch of load, with interruptions or without. */
async function run(ms: number, withInterruptions: boolean): Promise<void> {
  const done = AbortSignal.any([AbortSignal.timeout(ms), ending.signal])
  const others = (self: SoakPeer) => () => {
    const up = peers.filter(peer => peer !== self && peer.isUp)
    return up[Math.floor(Math.random() * up.length)]?.fingerprint
  }
  const loads = peers.map(peer => peer.load(streams, blobs!.port, others(peer), done))
  const interruptions: Promise<void>[] = []
  const report = async () => {
    const survivors = await Promise.all(peers.slice(0, SURVIVORS).map(peer => peer.measure()))
    const held = survivors.map(one => `${one.residentMB} MB, ${one.descriptors} descriptors, ${one.circuits} circuits`)
    say(`${total('transfers')} transfers, ${(total('bytes') / 1e6).toFixed(0)} MB; survivors: ${held.join('; ')}`)
  }
  const reports = setInterval(() => report().catch(error => say(String(error))), 30_000)
  while (withInterruptions && !done.aborted) {
    await wait(between(CALM_MS), undefined, { signal: done }).catch(() => {})
    const running = peers.slice(SURVIVORS).filter(peer => peer.isUp)
    const victim = running[Math.floor(Math.random() * running.length)]
    if (done.aborted || !victim) continue
    const way = Math.random() < 0.6 ? 'SIGKILL' : 'SIGTERM'
    interruptions.push(
      victim.interrupt(way, between(AWAY_MS)).catch(error => {
        problems.push(`${victim.name} did not come back after ${way}: ${(error as Error).message.slice(0, 2000)}`)
      }),
    )
  }
  await Promise.all([...loads, ...interruptions])
  clearInterval(reports)
}

function total(what: 'transfers' | 'bytes' | 'wrong'): number {
  return peers.reduce((sum, peer) => sum + peer.tally[what], 0)
}

/** The circuits that stock tor keeps through us for its own purposes: bandwidth tests, and some in reserve. One line each, with fingerprints. */
async function stockCircuits(): Promise<string[]> {
  const lists = await Promise.all(network!.routers.map(({ control }) => control.getInfo('circuit-status')))
  return lists.flatMap(text => text.split('\n'))
}

/** What all hold once nothing is under way: the least of some looks, as memory is given back late. */
async function measureSettled(): Promise<Measure[]> {
  const until = Date.now() + SETTLE_MS
  let least: Measure[] | undefined
  while (Date.now() < until && !ending.signal.aborted) {
    const held = await Promise.all(peers.map(peer => peer.measure()))
    const stock = await stockCircuits()
    const ours = (circuits: number, i: number) => Math.max(0, circuits - stock.filter(line => line.includes(peers[i]!.fingerprint)).length)
    const now = held.map((one, i) => ({ ...one, circuits: ours(one.circuits, i) }))
    const before = least
    least = now.map((one, i) => {
      const other = before?.[i]
      if (!other) return one
      const entries = Object.entries(one).map(([name, value]) => [name, Math.min(value as number, other[name as keyof Measure])])
      return Object.fromEntries(entries) as unknown as Measure
    })
    await wait(1000)
  }
  return least ?? []
}

function show(title: string, measures: readonly Measure[]): void {
  say(title)
  for (const [i, one] of measures.entries()) {
    const facts = Object.entries(one).map(([name, value]) => `${name} ${String(value).padStart(4)}`)
    process.stdout.write(`         ${peers[i]!.name}  ${facts.join('  ')}  kills ${peers[i]!.kills}\n`)
  }
}

function judge(before: readonly Measure[], after: readonly Measure[]): void {
  const mean = (pick: (one: Measure) => number) => before.reduce((sum, one) => sum + pick(one), 0) / before.length
  const { descriptors, circuits, memory } = ALLOWED
  const most = {
    descriptors: mean(one => one.descriptors) + descriptors,
    circuits: mean(one => one.circuits) + circuits,
    residentMB: mean(one => one.residentMB) * memory.factor + memory.plusMB,
    streams: 0,
  }
  for (const [i, one] of after.entries()) {
    for (const [name, limit] of Object.entries(most)) {
      const value = one[name as keyof Measure]
      if (value > limit) problems.push(`${peers[i]!.name} holds ${name} ${value} at the end, more than ${limit.toFixed(0)}`)
    }
  }
}

try {
  network = await StockNetwork.start({ authorities: 3, relays: 1, client: false, stableUptime: 20 })
  blobs = await BlobServer.start()
  const file = join(network.folder, 'authorities')
  await writeFile(file, ['TestingTorNetwork 1', ...network.dirAuthorityLines, ''].join('\n'))
  const policy = ['--allow-private', '--pa-policy', 'accept *:*', '--pa-admit', 'running', '--accept-consent', 'relay,perspective']
  for (let i = 0; i < count; i++) {
    // The same after each interruption, and nobody else's.
    const [or, dir, pa] = await freePorts(`127.${20 + i}.0.1`, 3)
    const ports = ['--or-port', `${or}`, '--dir-port', `${dir}`, '--pa-port', `${pa}`]
    // A /16 each, as relays of different people have.
    peers.push(new SoakPeer(`Peer${i}`, ['--network', file, '--address', `127.${20 + i}.0.1`, ...ports, ...policy]))
  }
  await Promise.all(peers.map(peer => peer.start(180_000)))
  say(`${count} peers are unlocked; ${streams} streams each for ${minutes} minutes`)
  await run(WARM_UP_MS, false)
  const before = await measureSettled()
  show('after the warm-up, settled:', before)
  await run(minutes * 60_000, true)
  const after = await measureSettled()
  show('at the end, settled:', after)
  judge(before, after)
  if (total('wrong') > 0) problems.push(`${total('wrong')} transfers had a wrong hash`)
  if (total('transfers') < count * streams) problems.push(`only ${total('transfers')} transfers in all`)
  const failures = new Map<string, number>()
  for (const { tally } of peers) for (const [reason, n] of tally.failures) failures.set(reason, (failures.get(reason) ?? 0) + n)
  const kills = peers.reduce((sum, peer) => sum + peer.kills, 0)
  say(
    `${total('transfers')} transfers completed, ${(total('bytes') / 1e6).toFixed(0)} MB, ${total('wrong')} with a wrong hash; ${kills} interruptions`,
  )
  say(`not completed: ${[...failures].map(([reason, n]) => `${reason} ${n}`).join(', ') || 'none'}`)
} finally {
  await Promise.all(peers.map(peer => peer.stop()))
  await blobs?.stop()
  await network?.stop()
}
for (const problem of problems) say(`PROBLEM ${problem}`)
say(problems.length === 0 ? 'soak passed' : 'soak failed')
process.exitCode = problems.length === 0 && !ending.signal.aborted ? 0 : 1
