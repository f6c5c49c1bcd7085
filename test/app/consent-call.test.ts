import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type AnsweringApp, answerCall } from '../../main/app/answers.ts'
import { Consents } from '../../main/app/consents.ts'
import { Sequence } from '../../main/lib/sequence.ts'

const BOTH = { relay: true, perspective: true }
const RELAY = { relay: true, perspective: false }
const NONE = { relay: false, perspective: false }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-consent-'))
})
afterEach(() => rm(folder, { recursive: true }))

const slow = async () => {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

/** An app whose relay takes its time to start and to stop, one step after the other, as the real one does. */
async function app(started: () => Promise<void> = slow) {
  const consents = await Consents.load(folder, 1)
  const steps = new Sequence()
  const relay: { run: { shares: boolean } | undefined } = { run: undefined }
  const answering = {
    wanted: true,
    running: { consents },
    get run() {
      return relay.run
    },
    startRelay: () =>
      steps.run(async () => {
        if (relay.run || !consents.current.relay) return
        const shares = consents.current.perspective !== undefined
        await started()
        relay.run = { shares }
      }),
    stopRelay: () =>
      steps.run(async () => {
        await slow()
        relay.run = undefined
      }),
    refresh: () => {},
  } as unknown as AnsweringApp
  const say = (wish: typeof BOTH) => answerCall(answering, 'consent.set', wish)
  return { relay, say, settled: () => steps.idle(), consents }
}

describe('what was withdrawn does not happen, however soon it is withdrawn', () => {
  test('while the relay starts for it', async () => {
    const withdrawn = Promise.withResolvers<void>()
    const { relay, say, settled, consents } = await app(() => withdrawn.promise)
    const agreed = say(BOTH)
    while (!consents.current.relay) await setImmediate()
    const left = say(NONE)
    while (consents.current.relay) await setImmediate()
    withdrawn.resolve()
    await Promise.all([agreed, left])
    await settled()
    assert.equal(relay.run, undefined)
  })

  for (const [what, wishes, run] of [
    ['both at once', [BOTH, NONE], undefined],
    ['sharing at once', [BOTH, RELAY], { shares: false }],
    ['and given again', [BOTH, NONE, BOTH], { shares: true }],
    ['and half of it given again', [BOTH, NONE, RELAY], { shares: false }],
  ] as const)
    test(what, async () => {
      const { relay, say, settled } = await app()
      await Promise.all(wishes.map(wish => say(wish)))
      await settled()
      assert.deepEqual(relay.run, run)
    })
})
