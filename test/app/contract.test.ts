import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bindContract } from '../../main/app/contract.ts'
import type { CallAnswer } from '../../main/app/hosted-app.ts'
import { Listeners } from '../../main/lib/service.ts'
import type { StatePatch } from '../../shared/state.ts'

function bound(own: Parameters<typeof bindContract>[2] = {}) {
  const asked: [string, unknown][] = []
  const sent: [string, unknown][] = []
  const app = {
    onPatch: new Listeners<[StatePatch]>(),
    async call(name: string, argument: unknown): Promise<CallAnswer> {
      asked.push([name, argument])
      return { ok: true, result: 'of the app' }
    },
  }
  let answer!: (name: string, argument: unknown) => Promise<CallAnswer>
  const unbind = bindContract(app, { onCall: f => void (answer = f), send: (event, payload) => sent.push([event, payload]) }, own)
  return { app, asked, sent, unbind, call: (name: string, argument?: unknown) => answer(name, argument) }
}

test('calls reach the app and patches reach the UI until it is unbound', async () => {
  const { app, asked, sent, unbind, call } = bound()
  assert.deepEqual(await call('relay.start', undefined), { ok: true, result: 'of the app' })
  assert.deepEqual(asked, [['relay.start', undefined]])
  app.onPatch.emit({ revision: 1, sections: {} })
  unbind()
  app.onPatch.emit({ revision: 2, sections: {} })
  assert.deepEqual(sent, [['state', { revision: 1, sections: {} }]])
})

test("a host's own call gets a checked argument only, and cannot fail loudly", async () => {
  const opened: unknown[] = []
  const { asked, call } = bound({
    'perspective.open': async (argument: { url?: string }) => {
      opened.push(argument)
      if (argument.url === 'boom') throw new Error('boom')
      return { ok: true, result: { opened: true } }
    },
  })
  assert.deepEqual(await call('perspective.open', { url: 'http://a.example/' }), { ok: true, result: { opened: true } })
  assert.deepEqual(await call('perspective.open', { url: 7 }), {
    ok: false,
    problem: { code: 'bad-request', detail: { call: 'perspective.open' } },
  })
  assert.deepEqual(await call('perspective.open', { url: 'boom' }), {
    ok: false,
    problem: { code: 'internal', detail: { call: 'perspective.open' } },
  })
  assert.equal(opened.length, 2)
  assert.deepEqual(asked, [])
})

test('names of object members are no calls of the host', async () => {
  const { asked, call } = bound({})
  await call('constructor')
  await call('__proto__')
  assert.deepEqual(
    asked.map(([name]) => name),
    ['constructor', '__proto__'],
  )
})
