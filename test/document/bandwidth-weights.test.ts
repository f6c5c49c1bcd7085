import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { computeBandwidthWeights } from '../../main/document/bandwidth-weights.ts'

const SCALE = 10_000
const totals = (guard: number, middle: number, exit: number, both: number) => ({
  guard: BigInt(guard),
  middle: BigInt(middle),
  exit: BigInt(exit),
  both: BigInt(both),
  total: BigInt(guard + middle + exit + both),
})
const weights = (guard: number, middle: number, exit: number, both: number) =>
  computeBandwidthWeights(totals(guard, middle, exit, both), SCALE)
const pick = (values: ReadonlyMap<string, number>, ...names: string[]) => names.map(name => values.get(name))

test('each case of scarcity (dir-spec 3.8.3)', () => {
  // Plenty of both: relays that are both serve all alike.
  assert.deepEqual(
    pick(weights(400, 100, 400, 100), 'Wgd', 'Wed', 'Wmd', 'Wee', 'Wme', 'Wmg', 'Wgg'),
    [3333, 3333, 3333, 7500, 2500, 2500, 7500],
  )
  // Both scarce, relays that are both make up for only the scarcer.
  assert.deepEqual(pick(weights(300, 900, 100, 50), 'Wgg', 'Wee', 'Wed', 'Wgd', 'Wmd'), [SCALE, SCALE, SCALE, 0, 0])
  assert.deepEqual(pick(weights(100, 900, 300, 50), 'Wgg', 'Wee', 'Wed', 'Wgd', 'Wmd'), [SCALE, SCALE, 0, SCALE, 0])
  // Exits scarce whatever is done.
  assert.deepEqual(pick(weights(800, 300, 50, 50), 'Wee', 'Wed', 'Wgd', 'Wmg', 'Wgg'), [SCALE, SCALE, 0, 3125, 6875])
  assert.deepEqual(pick(weights(50, 300, 800, 50), 'Wgg', 'Wgd', 'Wed', 'Wme', 'Wee'), [SCALE, SCALE, 0, 3125, 6875])
  assert.deepEqual(pick(weights(500, 800, 50, 50), 'Wmg', 'Wgg'), [0, SCALE])
})

test('names and their order are those of the line', () => {
  assert.deepEqual(
    [...weights(400, 100, 400, 100).keys()],
    [
      ...[
        'Wbd',
        'Wbe',
        'Wbg',
        'Wbm',
        'Wdb',
        'Web',
        'Wed',
        'Wee',
        'Weg',
        'Wem',
        'Wgb',
        'Wgd',
        'Wgg',
        'Wgm',
        'Wmb',
        'Wmd',
        'Wme',
        'Wmg',
        'Wmm',
      ],
    ],
  )
})

test('whatever the network, shares of one kind of relay add up and lie between none and all', () => {
  const amount = fc.integer({ min: 1, max: 2 ** 40 })
  fc.assert(
    fc.property(amount, amount, amount, amount, (guard, middle, exit, both) => {
      const found = weights(guard, middle, exit, both)
      if (found.size === 0) return
      const [Wgg, Wmg, Wee, Wme, Wgd, Wmd, Wed] = pick(found, 'Wgg', 'Wmg', 'Wee', 'Wme', 'Wgd', 'Wmd', 'Wed') as number[]
      for (const sum of [Wgg! + Wmg!, Wee! + Wme!, Wgd! + Wmd! + Wed!]) assert.ok(Math.abs(sum - SCALE) <= 10, `${sum}`)
      for (const value of found.values()) assert.ok(value >= 0 && value <= SCALE)
    }),
  )
})

test('where guards and exits can be balanced, they are', () => {
  const amount = fc.integer({ min: 1000, max: 1_000_000 })
  fc.assert(
    fc.property(amount, amount, amount, amount, (guard, middle, exit, both) => {
      const total = guard + middle + exit + both
      if (3 * Math.min(guard, exit) < total) return
      const [Wgg, Wee, Wgd, Wed] = pick(weights(guard, middle, exit, both), 'Wgg', 'Wee', 'Wgd', 'Wed') as number[]
      const [forGuards, forExits] = [Wgg! * guard + Wgd! * both, Wee! * exit + Wed! * both]
      assert.ok(Math.abs(forGuards - forExits) <= (10 * total) / 3 + 1)
    }),
  )
})
