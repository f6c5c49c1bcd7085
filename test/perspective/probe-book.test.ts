import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProbeBook, type ProbeResult } from '../../main/perspective/probe-book.ts'

function book(answers: (fingerprint: string) => Promise<ProbeResult>, concurrent = 20) {
  const clock = { now: 1_000_000 }
  const asked: string[] = []
  const probes = new ProbeBook({
    probe: fingerprint => {
      asked.push(fingerprint)
      return answers(fingerprint)
    },
    now: () => clock.now,
    passMs: 1_800_000,
    failMs: 300_000,
    concurrent,
  })
  return { probes, clock, asked }
}
const pass = async (): Promise<ProbeResult> => ({ usable: true })
const fail = async (): Promise<ProbeResult> => ({ usable: false, door: 'dir', reason: 'closed' })

test('T3: a pass is believed for 30 minutes give or take a fifth, then tested again', async () => {
  const { probes, clock, asked } = book(pass)
  for (let i = 0; i < 50; i++) assert.deepEqual(await probes.test('A'), { usable: true })
  clock.now += 1_439_000
  assert.deepEqual(probes.known('A'), { usable: true })
  clock.now += 722_000
  assert.equal(probes.known('A'), undefined)
  await probes.test('A')
  assert.deepEqual(asked, ['A', 'A'])
})

test('T3: a failure is believed for 5 minutes', async () => {
  const { probes, clock, asked } = book(fail)
  assert.deepEqual(await probes.test('A'), { usable: false, door: 'dir', reason: 'closed' })
  clock.now += 299_000
  await probes.test('A')
  assert.equal(asked.length, 1)
  clock.now += 2_000
  await probes.test('A')
  assert.equal(asked.length, 2)
})

test('T3: callers during a test share it, and no more than the cap run at once', async () => {
  const gate = Promise.withResolvers<ProbeResult>()
  const { probes, asked } = book(() => gate.promise, 2)
  const waiting = [probes.test('A'), probes.test('A'), probes.test('B')]
  assert.equal(await probes.test('C'), undefined, 'a third peer is told to come again')
  gate.resolve({ usable: true })
  assert.deepEqual(await Promise.all(waiting), [{ usable: true }, { usable: true }, { usable: true }])
  assert.deepEqual(asked, ['A', 'B'])
})
