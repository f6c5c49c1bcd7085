import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ServerDescriptor } from '../../main/document/server-descriptor.ts'
import { computeThresholds, credibleBandwidth, type FlagOptions, type RelayOpinion, voteFlags } from '../../main/practice/flags.ts'

const NOW = 1_700_000_000_000
const HOUR = 3_600_000
const OPTIONS: FlagOptions = { stableGuarantee: 40_000, guardTimeKnown: 120_000, hsDirUptime: 60_000, enoughHistory: true }

interface Facts {
  mtbf?: number
  wfu?: number
  timeKnown?: number
  runningFor?: number
  reachable?: boolean
  isAuthority?: boolean
  exit?: boolean
  /** bytes/s */
  observed?: number
  published?: number
  uptimeSeconds?: number
  hibernating?: boolean
  tunnelledDirServer?: boolean
  dirPort?: number
  hiddenServiceDir?: boolean
}

function relay(facts: Facts = {}): RelayOpinion {
  const descriptor = {
    bandwidth: { rate: 10_000_000, burst: 10_000_000, observed: facts.observed ?? 1_000_000 },
    published: facts.published ?? NOW - 1000,
    uptimeSeconds: facts.uptimeSeconds ?? 600,
    hibernating: facts.hibernating ?? false,
    tunnelledDirServer: facts.tunnelledDirServer ?? true,
    dirPort: facts.dirPort ?? 0,
    hiddenServiceDir: facts.hiddenServiceDir ?? true,
    exitPolicy: { isExitFlagWorthy: () => facts.exit ?? false },
  } as unknown as ServerDescriptor
  return {
    descriptor,
    record: {
      mtbf: facts.mtbf ?? 600_000,
      wfu: facts.wfu ?? 1,
      timeKnown: facts.timeKnown ?? 600_000,
      runningFor: facts.runningFor ?? 600_000,
    },
    reachable: facts.reachable ?? true,
    isAuthority: facts.isAuthority ?? false,
  }
}

function flagsOf(one: RelayOpinion, others: RelayOpinion[], options = OPTIONS): string[] {
  return [...voteFlags(one, computeThresholds([one, ...others], options, NOW), options, NOW)].sort()
}

/** Enough of them that one newcomer is not the slowest eighth. */
const settled = () => Array.from({ length: 10 }, (_, i) => relay({ exit: i > 5 }))

describe('thresholds', () => {
  test('are the low medians and percentiles of the active relays', () => {
    const relays = [1, 2, 3, 4].map(n =>
      relay({ mtbf: n * 1000, timeKnown: n * 1000, wfu: n / 10, observed: n * 100_000, exit: n > 2, uptimeSeconds: n }),
    )
    const down = relay({ reachable: false, mtbf: 1e9 })
    assert.deepEqual(computeThresholds([...relays, down], OPTIONS, NOW), {
      stableUptime: 3000,
      stableMtbf: 2000,
      fastSpeed: 100,
      guardWfu: 0.2,
      guardTimeKnown: 1000,
      guardBandwidthWithExits: 400,
      guardBandwidthWithoutExits: 200,
      enoughMtbf: true,
    })
  })

  test('never ask more than the guarantees, and print just that', () => {
    const thresholds = computeThresholds(settled(), OPTIONS, NOW)
    assert.equal(thresholds.stableMtbf, 40_000)
    assert.equal(thresholds.stableUptime, 40_000)
    assert.equal(thresholds.guardTimeKnown, 120_000)
    assert.equal(thresholds.guardWfu, 0.98)
    assert.equal(thresholds.fastSpeed, 100)
  })

  test('of no relays are zero', () => {
    const thresholds = computeThresholds([], OPTIONS, NOW)
    assert.equal(thresholds.stableMtbf, 0)
    assert.equal(thresholds.fastSpeed, 0)
  })
})

describe('flags', () => {
  test('of a settled relay', () => {
    assert.deepEqual(flagsOf(relay(), settled()), ['Fast', 'Guard', 'HSDir', 'Running', 'Stable', 'V2Dir', 'Valid'])
  })

  const newcomer = { mtbf: 3000, timeKnown: 3000, runningFor: 3000, uptimeSeconds: 3 }
  const table: [string, RelayOpinion, string[]][] = [
    ['unreached', relay({ reachable: false }), ['V2Dir', 'Valid']],
    ['hibernating', relay({ hibernating: true }), ['V2Dir', 'Valid']],
    ['newcomer', relay(newcomer), ['Fast', 'Running', 'V2Dir', 'Valid']],
    ['just not Stable', relay({ ...newcomer, mtbf: 39_999 }), ['Fast', 'Running', 'V2Dir', 'Valid']],
    ['just Stable', relay({ ...newcomer, mtbf: 40_000 }), ['Fast', 'Running', 'Stable', 'V2Dir', 'Valid']],
    ['slow', relay({ observed: 60_000 }), ['Running', 'Stable', 'V2Dir', 'Valid']],
    ['exit', relay({ ...newcomer, exit: true }), ['Exit', 'Fast', 'Running', 'V2Dir', 'Valid']],
    ['authority', relay({ ...newcomer, isAuthority: true }), ['Authority', 'Fast', 'Running', 'V2Dir', 'Valid']],
    ['no directory', relay({ tunnelledDirServer: false }), ['Fast', 'Running', 'Stable', 'Valid']],
    ['DirPort only', relay({ tunnelledDirServer: false, dirPort: 9030 }), ['Fast', 'Running', 'Stable', 'V2Dir', 'Valid']],
    ['not familiar', relay({ timeKnown: 119_999 }), ['Fast', 'HSDir', 'Running', 'Stable', 'V2Dir', 'Valid']],
    ['often away', relay({ wfu: 0.97 }), ['Fast', 'HSDir', 'Running', 'Stable', 'V2Dir', 'Valid']],
    ['up too short for HSDir', relay({ runningFor: 59_999 }), ['Fast', 'Guard', 'Running', 'Stable', 'V2Dir', 'Valid']],
    ['claims less uptime', relay({ uptimeSeconds: 30 }), ['Fast', 'Guard', 'Running', 'Stable', 'V2Dir', 'Valid']],
    ['stale', relay({ published: NOW - 19 * HOUR }), ['Fast', 'Guard', 'HSDir', 'Running', 'Stable', 'StaleDesc', 'V2Dir', 'Valid']],
    ['too old to be active', relay({ published: NOW - 25 * HOUR }), ['Running', 'StaleDesc', 'V2Dir', 'Valid']],
  ]
  for (const [name, one, expected] of table) test(name, () => assert.deepEqual(flagsOf(one, settled()), expected))

  test('without enough history the claimed uptime stands in for MTBF', () => {
    const options = { ...OPTIONS, enoughHistory: false }
    assert.ok(flagsOf(relay({ mtbf: 0, uptimeSeconds: 50 }), settled(), options).includes('Stable'))
    assert.ok(!flagsOf(relay({ mtbf: 0, uptimeSeconds: 5 }), settled(), options).includes('Stable'))
  })

  test('a relay that nobody has measured is believed a little, so that it gets tried', () => {
    assert.equal(credibleBandwidth(relay({ observed: 0 }).descriptor), 50)
    assert.equal(credibleBandwidth(relay({ observed: 1e12 }).descriptor), 10_000)
  })
})
