import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { askRunningApp, ControlServer, NotRunningError } from '../../main/app/control.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-control-'))
})
after(() => rm(folder, { recursive: true }))

test('status and stop reach the running app, and nothing is left behind', async () => {
  const stopped = Promise.withResolvers<void>()
  const server = await ControlServer.start(folder, { status: () => ({ revision: 7 }), stop: async () => stopped.resolve() })
  assert.equal((await stat(join(folder, 'control.json'))).mode & 0o777, 0o600)
  assert.deepEqual(await askRunningApp(folder, 'status', 5000), { revision: 7 })
  const asked = askRunningApp(folder, 'stop', 5000)
  await stopped.promise
  await server.stop()
  await asked
  assert.deepEqual(await readdir(folder), [])
  await assert.rejects(askRunningApp(folder, 'status', 5000), NotRunningError)
})

test('a control file left by a killed app is no app', async () => {
  const server = await ControlServer.start(folder, { status: () => 0, stop: async () => {} })
  const left = await readFile(join(folder, 'control.json'))
  await server.stop()
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(folder, 'control.json'), left)
  await assert.rejects(askRunningApp(folder, 'status', 5000), NotRunningError)
  await writeFile(join(folder, 'control.json'), '{"port": "x"')
  await assert.rejects(askRunningApp(folder, 'status', 5000), NotRunningError)
})

describe('others on this machine', () => {
  let server: ControlServer
  let contact: { port: number; secret: string }
  let asked = 0
  before(async () => {
    server = await ControlServer.start(folder, { status: () => ++asked, stop: async () => void ++asked })
    contact = JSON.parse(await readFile(join(folder, 'control.json'), 'utf8'))
  })
  after(() => server.stop())

  const send = async (text: string) => {
    const socket = connect({ host: '127.0.0.1', port: contact.port })
    socket.on('error', () => {})
    socket.end(text)
    const chunks: Buffer[] = []
    socket.on('data', chunk => chunks.push(chunk))
    await once(socket, 'close')
    return Buffer.concat(chunks).toString()
  }
  for (const [what, text] of [
    ['no secret', '{"command":"stop"}\n'],
    ['a wrong secret', '{"secret":"AAAA","command":"stop"}\n'],
    ['a secret of another type', '{"secret":{"toString":1},"command":"stop"}\n'],
    ['no JSON', 'stop\n'],
    ['null', 'null\n'],
    ['HTTP', 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ] as const)
    test(`${what}: refused, and the app hears nothing`, async () => {
      assert.equal(await send(text), '{"ok":false}\n')
      assert.equal(asked, 0)
    })
  test('a long line is cut off', async () => {
    assert.equal(await send('x'.repeat(2000)), '')
  })
  test('an unknown command is refused even with the secret', async () => {
    assert.equal(await send(`${JSON.stringify({ secret: contact.secret, command: 'erase' })}\n`), '{"ok":false}\n')
    assert.equal(asked, 0)
  })
})
