import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { CallError, type CallFailure, type Connection, preloadBridge, WebSocketBridge } from '../../renderer/bridge.ts'
import type { StatePatch } from '../../shared/state.ts'
import { FakeHost, ScriptedProblem } from './fake-host.ts'
import { sampleState } from './sample-state.ts'

/** Waits until the bridge's connection is as wanted. */
function connection(bridge: WebSocketBridge, wanted: Connection): Promise<void> {
  if (bridge.connection === wanted) return Promise.resolve()
  return new Promise(resolve => {
    const stop = bridge.onConnection(now => {
      if (now !== wanted) return
      stop()
      resolve()
    })
  })
}

const failsWith = (failure: CallFailure) => (error: unknown) => {
  assert.ok(error instanceof CallError)
  assert.deepEqual(error.failure, failure)
  return true
}

async function connected(): Promise<{ host: FakeHost; bridge: WebSocketBridge; [Symbol.asyncDispose](): Promise<void> }> {
  const host = await FakeHost.start(sampleState('unlocked'))
  const bridge = new WebSocketBridge(`ws://127.0.0.1:${host.port}/ws`, { random: () => 0 })
  await connection(bridge, 'open')
  return {
    host,
    bridge,
    async [Symbol.asyncDispose]() {
      bridge.close()
      await host.close()
    },
  }
}

describe('the WebSocket bridge', { timeout: 20_000 }, () => {
  test('carries calls with their results, also results of nothing', async () => {
    await using link = await connected()
    link.host.on('perspective.whereAmI', () => ({ address: '198.51.100.14', by: 'practice site' }))
    assert.deepEqual(await link.bridge.call('perspective.whereAmI', undefined), { address: '198.51.100.14', by: 'practice site' })
    assert.equal(await link.bridge.call('perspective.choose', { kind: 'country', country: 'se' }), undefined)
    assert.deepEqual(link.host.called.at(-1), { name: 'perspective.choose', argument: { kind: 'country', country: 'se' } })
    assert.equal((await link.bridge.call('state.get', undefined)).journey.step, 'unlocked')
  })

  test('a problem comes back as itself', async () => {
    await using link = await connected()
    link.host.on('perspective.choose', () => {
      throw new ScriptedProblem('perspective-refused', { status: 10 })
    })
    const problem = { code: 'perspective-refused', detail: { status: 10 } } as const
    await assert.rejects(link.bridge.call('perspective.choose', { kind: 'any' }), failsWith({ kind: 'problem', problem }))
  })

  test('an answer that breaks the contract is not handed on', async () => {
    await using link = await connected()
    link.host.on('perspective.whereAmI', () => ({ address: 7 }))
    await assert.rejects(link.bridge.call('perspective.whereAmI', undefined), failsWith({ kind: 'bad-answer' }))
  })

  test('hands on good events, drops everything else, and lives on', async () => {
    await using link = await connected()
    const seen: StatePatch[] = []
    link.bridge.on('state', patch => seen.push(patch))
    for (const junk of ['', '{', 'null', '[]', '{"id":"x"}', '{"id":99,"result":1}', '{"event":"other","payload":1}', '{"event":"state"}'])
      link.host.sendRaw(junk)
    link.host.send({ revision: 'two', sections: {} })
    link.host.send({ revision: 2, sections: { journey: { step: 'nowhere' } } })
    link.host.change({ journey: { step: 'stopped' } })
    await link.bridge.call('state.get', undefined)
    assert.deepEqual(seen, [{ revision: 2, sections: { journey: { step: 'stopped' } } }])
  })

  test('connects again after a cut; calls that were open then are lost, later ones work', async () => {
    await using link = await connected()
    const reached = new Promise<void>(resolve => {
      link.host.on('relay.stop', () => {
        resolve()
        return new Promise(() => {})
      })
    })
    const open = assert.rejects(link.bridge.call('relay.stop', undefined), failsWith({ kind: 'lost' }))
    await reached
    link.host.cut()
    await open
    await connection(link.bridge, 'lost')
    await assert.rejects(link.bridge.call('state.get', undefined), failsWith({ kind: 'lost' }))
    await connection(link.bridge, 'open')
    assert.equal((await link.bridge.call('state.get', undefined)).relay.nickname, 'Aussicht')
  })

  test('tries again until a host is there', async () => {
    const server = createServer((_request, response) => response.writeHead(403).end())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    let refused = 0
    server.on('upgrade', (_request, socket) => {
      refused++
      socket.on('error', () => socket.destroy())
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    })
    const bridge = new WebSocketBridge(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`, { random: () => 0 })
    await connection(bridge, 'lost')
    while (refused < 3) await once(server, 'upgrade')
    assert.equal(bridge.connection, 'lost')
    bridge.close()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
})

describe('the preload bridge', () => {
  test('carries calls and events over the raw ends, checked like any other', async () => {
    let emit: (frame: unknown) => void = () => {}
    let listening = 0
    const answers: Record<string, unknown> = {
      'perspective.whereAmI': { result: { address: '192.0.2.1', by: 'a relay' } },
      'relay.start': {},
      'relay.stop': { problem: { code: 'internal', detail: {} } },
      'ports.retest': 'nonsense',
    }
    const bridge = preloadBridge({
      call: async name => answers[name],
      listen(listener) {
        emit = listener
        listening++
        return () => listening--
      },
    })
    assert.equal(bridge.connection, 'open')
    assert.deepEqual(await bridge.call('perspective.whereAmI', undefined), { address: '192.0.2.1', by: 'a relay' })
    assert.equal(await bridge.call('relay.start', undefined), undefined)
    await assert.rejects(bridge.call('relay.stop', undefined), failsWith({ kind: 'problem', problem: { code: 'internal', detail: {} } }))
    await assert.rejects(bridge.call('ports.retest', undefined), failsWith({ kind: 'bad-answer' }))

    const seen: StatePatch[] = []
    const end = bridge.on('state', patch => seen.push(patch))
    emit({ event: 'state', payload: { revision: 2, sections: {} } })
    emit({ event: 'state', payload: 'nonsense' })
    emit(undefined)
    end()
    emit({ event: 'state', payload: { revision: 3, sections: {} } })
    assert.deepEqual(seen, [{ revision: 2, sections: {} }])
    bridge.close()
    assert.equal(listening, 0)
  })
})
