import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import type { JoinedNetwork } from '../../main/app/joined-network.ts'
import { Conditions } from '../../main/app/standing-conditions.ts'
import type { NetworkDirectory } from '../../main/directory/network-directory.ts'
import type { PortState } from '../../shared/state.ts'

const PORT: PortState = { wanted: 'off', mapping: { state: 'off' }, proof: { state: 'untested' } }

test('what is told only once it has lasted is told in time also when the clock is set back meanwhile', t => {
  let [wall, steady] = [1_780_000_000_000, 5000]
  t.mock.method(Date, 'now', () => wall)
  t.mock.method(performance, 'now', () => steady)
  const directory = { problem: { code: 'unreachable', detail: 'nobody answers' }, liveness: () => 'none', noteClock: () => {} }
  const conditions = new Conditions({
    folder: tmpdir(),
    network: { kind: 'file' } as JoinedNetwork,
    directory: directory as unknown as NetworkDirectory,
    run: () => undefined,
    onHappened: () => {},
    onAwake: () => {},
  })
  const told = () => conditions.standing({ or: PORT, dir: PORT, pa: PORT }, []).map(({ code }) => code)
  try {
    assert.deepEqual(told(), [])
    wall -= 86_400_000
    steady += 29_000
    assert.deepEqual(told(), [])
    steady += 2000
    assert.deepEqual(told(), ['no-directory'])
  } finally {
    conditions.stop()
  }
})
