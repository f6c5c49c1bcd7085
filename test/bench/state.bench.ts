import { AsNumbers } from '../../main/app/as-numbers.ts'
import { GeoDatabase } from '../../main/app/geo.ts'
import { RelayRows } from '../../main/app/relay-rows.ts'
import { StateStore } from '../../main/app/state-store.ts'
import { type Offer, perspectiveOffers } from '../../main/perspective/offers.ts'
import { PerspectiveClient } from '../../main/perspective/perspective-client.ts'
import { sampleState } from '../renderer/sample-state.ts'
import { manyRelays, RELAYS, steadyRandom } from './many-relays.ts'

/*
 * What 9,000 relays that all offer perspective access cost the main process: making their rows, saying four times a second which of them differ,
 * choosing among them once a second, and one snapshot for a window that opens. The aim is that nothing keeps the event loop for 50 ms, and
 * that what goes on all the time takes less than a twentieth of a core.
 */
const LOOP_MS = 50
const SHARE = 0.05
const SECONDS = 60
/** So many relays are dealt with in a second; a browser that is busy with many sites does not reach it. */
const DEALT_WITH = 20

const directory = manyRelays()
const geo = new GeoDatabase()
const systems = new AsNumbers()
geo.country('192.0.2.1')
systems.system('192.0.2.1')
let failed = 0

function say(name: string, ms: number, limit: number): void {
  if (ms >= limit) failed++
  console.log(`${name.padEnd(62)} ${ms.toFixed(1).padStart(7)} ms   limit ${limit} ms${ms < limit ? '' : '   OVER'}`)
}
/** In ms of this thread's CPU, so that what else the machine does is not counted. */
function timed<T>(step: () => T): { ms: number; result: T } {
  const before = process.threadCpuUsage()
  const result = step()
  const { user, system } = process.threadCpuUsage(before)
  return { ms: (user + system) / 1000, result }
}

const read = () => perspectiveOffers(directory, { own: '', countryOf: address => geo.country(address) })
const offers = timed(read)
const anew = timed(read)
let list: Offer[] = offers.result
let now = Date.now()
const client = new PerspectiveClient({
  offers: () => list,
  open: () => Promise.reject(new Error('nobody is dialled here')),
  tor: { open: () => Promise.reject(new Error('no')), resolve: () => Promise.reject(new Error('no')), stop: async () => {} },
  unlocked: () => true,
  ownFlags: () => new Set(['Running', 'Stable']),
  choice: () => ({ kind: 'any' }),
  preferences: () => ({ favourites: ['se', 'jp'], excluded: ['zz'] }),
  now: () => now,
})
const rows = new RelayRows(client, address => systems.system(address))
const first = timed(() => rows.read())
list = anew.result
const again = timed(() => rows.read())

const state = sampleState('unlocked')
const store = new StateStore({ ...state, perspective: { ...state.perspective, relays: [] } })
let sent = 0
let most = 0
store.onPatch.add(patch => {
  const { length } = JSON.stringify(patch)
  sent += length
  most = Math.max(most, length)
})
const set = () => {
  const { relays, countries } = rows.read()
  store.set('perspective', { ...store.state.perspective, relays, countries })
  store.flush()
}
set()
const whole = most
sent = 0
most = 0
const random = steadyRandom(11)
const refreshes: number[] = []
const choosing: number[] = []
for (let second = 0; second < SECONDS; second++) {
  for (let quarter = 0; quarter < 4; quarter++) {
    now += 250
    for (let i = 0; i < DEALT_WITH / 4; i++) {
      const { fingerprint } = list[random(RELAYS)]!
      client.book.measured(fingerprint, 20 + random(300))
      client.book.carried(fingerprint, 10_000 + random(5_000_000))
    }
    refreshes.push(timed(set).ms)
  }
  choosing.push(timed(() => client.maintain()).ms)
}
await client.stop()
const snapshot = timed(() => JSON.stringify(store.state))
store.close()

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const per = (values: readonly number[]) => sum(values) / (SECONDS * 1000)
console.log(`${RELAYS} relays, all with perspective access\n`)
say('offers read from a new consensus, with countries', offers.ms, LOOP_MS)
say('the same again', anew.ms, LOOP_MS)
say('rows made, with networks', first.ms, LOOP_MS)
say('rows of the next consensus', again.ms, LOOP_MS)
say(`what differs, slowest of ${refreshes.length} (${DEALT_WITH / 4} relays dealt with each time)`, Math.max(...refreshes), LOOP_MS)
say(`choosing and keeping ready, slowest of ${choosing.length}`, Math.max(...choosing), LOOP_MS)
say('a snapshot as text', snapshot.ms, LOOP_MS)
const share = per(refreshes) + per(choosing)
if (share >= SHARE) failed++
console.log(
  `\nof one core: ${(per(refreshes) * 100).toFixed(2)} % to say what differs, ${(per(choosing) * 100).toFixed(2)} % to choose; together ${(share * 100).toFixed(2)} %, limit ${SHARE * 100} %`,
)
console.log(
  `sent: ${(sent / SECONDS / 1000).toFixed(1)} kB/s, largest patch ${(most / 1000).toFixed(1)} kB; all rows at once would be ${(whole / 1e6).toFixed(2)} MB, four times a second`,
)
process.exitCode = failed === 0 ? 0 : 1
