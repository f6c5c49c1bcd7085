import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sequence } from '../../main/lib/sequence.ts'

test('steps of a sequence run one after the other, in the order in which they were given', async () => {
  const sequence = new Sequence()
  const seen: string[] = []
  let open = () => {}
  const first = sequence.run(async () => {
    seen.push('first begins')
    await new Promise<void>(resolve => {
      open = resolve
    })
    seen.push('first ends')
    return 1
  })
  const second = sequence.run(async () => {
    seen.push('second')
    return 2
  })
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(seen, ['first begins'])
  open()
  assert.deepEqual([await first, await second], [1, 2])
  assert.deepEqual(seen, ['first begins', 'first ends', 'second'])
})

test('a step that fails fails for whoever gave it, and the next one runs', async () => {
  const sequence = new Sequence()
  const failed = sequence.run(() => Promise.reject(new Error('disk full')))
  const next = sequence.run(async () => 'written')
  await assert.rejects(failed, /disk full/)
  assert.equal(await next, 'written')
})

test('a sequence is idle when all that was given so far has ended, also badly', async () => {
  const sequence = new Sequence()
  await sequence.idle()
  let ended = 0
  for (const bad of [false, true])
    sequence
      .run(async () => {
        await new Promise(resolve => setImmediate(resolve))
        ended++
        if (bad) throw new Error('no')
      })
      .catch(() => {})
  await sequence.idle()
  assert.equal(ended, 2)
})
