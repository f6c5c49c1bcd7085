import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { DEFAULT_CIRCUIT_LIMITS } from '../../main/circuit/circuit-limits.ts'
import { OVERLOAD } from '../../main/perspective/overload.ts'
import { PROBE_LIMITS } from '../../main/perspective/pa-role.ts'
import { DEFAULT_PERSPECTIVE_LIMITS } from '../../main/perspective/perspective-limits.ts'
import { PROXY_LIMITS } from '../../main/perspective/proxy-listener.ts'
import { settings } from '../../shared/settings.ts'

const root = resolve(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'docs/limits.md'), 'utf8')
const row = (start: string) => {
  const found = text.split('\n').find(line => line.startsWith(`| ${start}`))
  assert.ok(found, `docs/limits.md has a row "${start}"`)
  return found
}

test('docs/limits.md names only files that there are', () => {
  const folders = [
    'app',
    'app/compare',
    'perspective',
    'relay',
    'document',
    'channel',
    'circuit',
    'directory',
    'net',
    'net/port-map',
    'lib',
    'headless',
  ].map(name => `main/${name}`)
  for (const [name] of text.matchAll(/[a-z][a-z/-]*\.ts\b/g)) {
    const places = [name, `main/${name}`, ...folders.map(folder => `${folder}/${name}`)]
    assert.ok(
      places.some(place => existsSync(join(root, place))),
      name,
    )
  }
  assert.ok(readdirSync(join(root, 'docs')).includes('perspective-access.md'))
})

test('docs/limits.md gives the defaults of the code', () => {
  const { quota, groups, guard, ...limits } = DEFAULT_PERSPECTIVE_LIMITS
  const defaults = settings.parse({})
  const says: [string, ...(string | number)[]][] = [
    ['time to negotiate', `${limits.negotiateMs / 1000} s`],
    ['negotiations on one ORPort', limits.negotiations],
    ['an identity alive in two places', `${limits.doubtMs / 60_000} min`],
    ['probes of us, each peer', `${limits.probeEveryMs / 60_000} min`],
    ['probes of us, all peers', `${limits.probesPerMinute} a minute`],
    ['a probe: streams', `${PROBE_LIMITS.bytes / 1024} KiB`, `${PROBE_LIMITS.ms / 1000} s`],
    ['links |', quota.links],
    ['circuits, over all', quota.circuits],
    ['streams, over all', quota.streams],
    ['new streams', `${quota.streamsPerSecond}/s`, `${quota.streamBurst} at once`],
    ['lookups | 50/s', `${quota.resolvesPerSecond}/s`, `${quota.resolveBurst} at once`],
    ['bytes, both ways', `${(quota.bytesPerSecond * 8) / 1e6} Mbit/s`, `${quota.burstBytes / 1e6} MB at once`],
    ['bytes a day', `${quota.bytesPerDay / 1e9} GB`],
    ['… of which for nothing', `${limits.freeBytesPerDay / 1e6} MB`],
    ['one IPv4 address', groups.address],
    ['one /24', groups.network],
    ['one autonomous system', groups.system],
    ['one declared family', groups.family],
    ['time since we first saw', `${limits.trustAfterMs / 86_400_000} days`],
    ['tests passed', limits.trustAfterPasses],
    ['perspective access’s share'.replace('’', "'"), `${limits.share * 100} %`],
    ['reserve of the bucket', `${limits.reserve * 100} %`],
    ['event loop late', `${OVERLOAD.loopDelayMs} ms`],
    ['JavaScript heap', `${OVERLOAD.heap * 100} %`],
    ["Tor's cells waiting", `${OVERLOAD.orQueueBytes / 1024 / 1024} MiB`],
    ['different destinations a minute', guard.destinationsPerMinute],
    ['refused ones a minute', guard.refusalsPerMinute, `${guard.blockMs / 3_600_000} h`],
    ['destinations that do not answer', guard.failMinimum, `${guard.failWindowMs / 60_000} min`],
    ['streams to one destination', guard.perDestination],
    ['circuits; on one link', '20 000', '10 000'],
    ['streams and lookups of a circuit', DEFAULT_CIRCUIT_LIMITS.streamsPerCircuit],
    ['connections | 512', PROXY_LIMITS.connections],
  ]
  for (const [start, ...values] of says) for (const value of values) assert.ok(row(start).includes(String(value)), `${start}: ${value}`)
  assert.deepEqual(
    [
      defaults.perspectiveShare,
      defaults.perspectiveReserve,
      defaults.perspectivePeerRate,
      defaults.perspectivePeerDay,
      defaults.accessLogHours,
    ],
    [limits.share, limits.reserve, quota.bytesPerSecond, quota.bytesPerDay, 0],
  )
})
