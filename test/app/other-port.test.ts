import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { App } from '../../main/app/app.ts'
import { AppStartError } from '../../main/app/app-start-error.ts'
import { otherPorts } from '../../main/app/other-port.ts'
import { Log } from '../../main/lib/log.ts'
import { isPortFree } from '../../main/net/free-port.ts'
import { settings } from '../../shared/settings.ts'

/** A network whose authorities nobody runs: enough to open ports. */
const NOBODY = `TestingTorNetwork 1\nDirAuthority nobody orport=1 v3ident=${'A'.repeat(40)} 127.0.0.1:1 ${'B'.repeat(40)}\n`

/** A listener of somebody else. */
async function taken(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer().listen(0, '0.0.0.0')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

describe('another port', () => {
  const options = {
    settings: settings.parse({ orPort: 443, dirPort: 9443 }),
    overrides: {},
    isFree: async () => true,
    randomInt: () => 25_000,
  }

  test('is a likely one that is free and that nothing of ours uses, else any', async () => {
    assert.deepEqual(await otherPorts(['or'], options), { orPort: 8443 })
    assert.deepEqual(await otherPorts(['or', 'pa', 'or'], options), { orPort: 8443, paPort: 9101 })
    let next = 20_000
    const isFree = async (port: number) => port > 20_005
    assert.deepEqual(await otherPorts(['dir', 'pa'], { ...options, isFree, randomInt: () => next++ }), { dirPort: 20_006, paPort: 20_007 })
  })

  test('ends when none is free; doors without a port and those of the command line stay', async () => {
    let asked = 0
    const isFree = async () => {
      asked++
      return false
    }
    const code = (expected: string) => (error: unknown) => error instanceof AppStartError && error.problem.code === expected
    await assert.rejects(
      otherPorts(['or'], { ...options, isFree, randomInt: (from, below) => from + (asked % (below - from)) }),
      code('port-in-use'),
    )
    assert.ok(asked > 10 && asked < 100, String(asked))
    await assert.rejects(otherPorts(['pa'], { ...options, settings: settings.parse({ paPort: 'virtual' }) }), code('bad-request'))
    await assert.rejects(otherPorts(['or'], { ...options, overrides: { orPort: { port: 443 } } }), code('bad-request'))
  })

  test('is asked of the system', async () => {
    await using other = await taken()
    assert.equal(await isPortFree(other.port, '0.0.0.0'), false)
    await other[Symbol.asyncDispose]()
    assert.equal(await isPortFree(other.port, '0.0.0.0'), true)
    assert.equal(await isPortFree(other.port, '192.0.2.1'), false, 'not an address of this computer')
  })

  test('a relay whose ORPort another program holds runs at another one, which its settings keep', async () => {
    await using other = await taken()
    const folder = await mkdtemp(join(tmpdir(), 'vantage-other-port-'))
    await writeFile(join(folder, 'network'), NOBODY)
    await writeFile(join(folder, 'settings.json'), JSON.stringify({ orPort: other.port, dirPort: 0, paPort: 0, mapPorts: false }))
    const app = new App({
      host: 'headless',
      version: '0.1.0',
      network: { kind: 'file', path: join(folder, 'network') },
      dataFolder: folder,
      acceptConsent: { relay: true, perspective: true },
      overrides: { address: '127.0.0.1', socksPort: 0, httpPort: 0 },
      log: new Log(),
    })
    try {
      await app.start()
      assert.equal(app.state.journey.step === 'blocked' && app.state.journey.problem.code, 'port-in-use')
      const answer = await app.call('ports.move', { doors: ['or'] })
      assert.ok(answer.ok, JSON.stringify(answer))
      const { or: port } = answer.result as { or: number }
      assert.notEqual(port, other.port)
      assert.equal(app.state.ports.or.listening?.port, port)
      assert.notEqual(app.state.journey.step, 'blocked')
      assert.equal(JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8')).orPort, port)
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.destroy()
    } finally {
      await app.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
