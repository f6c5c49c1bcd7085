import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { AppOptions } from '../../main/app/app-options.ts'
import { AppStartError } from '../../main/app/app-start-error.ts'
import { runHeadless } from '../../main/headless/run.ts'
import { FakeApp } from './fake-app.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-run-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** The headless host in a world of its own. */
function start(argv: string[], app = new FakeApp()) {
  const world = { out: '', err: '', options: undefined as AppOptions | undefined, exitedAt: undefined as number | undefined }
  const signals = new Set<() => void>()
  const grown = Promise.withResolvers<void>()
  const code = runHeadless({
    argv,
    version: '0.1.0',
    environment: { platform: 'linux', env: {}, home: folder, defaultNetwork: 'practice', program: 'vantage', isLocalAddress: () => false },
    uiFolder: join(folder, 'ui'),
    createApp: options => {
      world.options = options
      return app
    },
    stdout: text => {
      world.out += text
      if (app.starts > 0) grown.resolve()
    },
    stderr: text => {
      world.err += text
    },
    onSignal: listener => {
      signals.add(listener)
      return () => signals.delete(listener)
    },
    exitNow: status => {
      world.exitedAt = status
    },
  })
  const signal = () => {
    for (const listener of [...signals]) listener()
  }
  return { app, world, code, started: grown.promise, signals, signal }
}
const lines = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
/** Until the control file of a started app is there. */
async function running(run: ReturnType<typeof start>) {
  await run.started
  while (!(await readdir(folder)).includes('control.json')) await new Promise(resolve => setImmediate(resolve))
}

test('a signal stops it in good order: exit code 0, nothing left', async () => {
  const run = start(['--data', folder])
  await run.started
  assert.match(run.world.out, /^Vantage runs\. Its window: http:\/\/127\.0\.0\.1:\d+\/login\?token=[\w-]{43}\n$/)
  assert.equal(run.app.uiAddress, /http\S+/.exec(run.world.out)![0])
  assert.deepEqual([run.world.options?.host, run.world.options?.version, run.world.options?.dataFolder], ['headless', '0.1.0', folder])
  run.signal()
  assert.equal(await run.code, 0)
  assert.ok(run.app.stops > 0)
  assert.equal(run.signals.size, 0)
  assert.deepEqual(await readdir(folder), [])
  await assert.rejects(fetch(run.app.uiAddress!))
})

test('a second signal does not wait', async () => {
  const run = start(['--data', folder])
  await run.started
  run.signal()
  run.signal()
  assert.equal(run.world.exitedAt, 130)
  await run.code
})

test('--json: stdout is JSON lines only, each with event and time, the last one stopped', async () => {
  const run = start(['--data', folder, '--json'])
  await running(run)
  run.signal()
  assert.equal(await run.code, 0)
  const events = lines(run.world.out)
  assert.deepEqual(
    events.map(event => event.event),
    ['listening', 'stopped'],
  )
  assert.equal(events[0].ui, run.app.uiAddress)
  for (const event of events) assert.equal(new Date(event.time).toISOString(), event.time)
})

test('the UI can end it', async () => {
  const run = start(['--data', folder])
  await run.started
  await run.app.call('quit', undefined)
  assert.equal(await run.code, 0)
})

test('status and stop from another command line', async () => {
  const run = start(['--data', folder])
  await running(run)
  const status = start(['status', '--data', folder])
  assert.equal(await status.code, 0)
  const snapshot = JSON.parse(status.world.out)
  assert.equal(snapshot.journey.step, 'consent')
  assert.notEqual(snapshot.ui, run.app.uiAddress, 'a new address each time')
  assert.equal((await fetch(snapshot.ui, { redirect: 'manual' })).status, 303)
  const stop = start(['stop', '--data', folder])
  assert.equal(await stop.code, 0)
  assert.equal(await run.code, 0)
  const late = start(['status', '--data', folder])
  assert.equal(await late.code, 1)
  assert.match(late.world.err, /nothing runs on/)
  assert.equal(late.world.out, '')
})

describe('what goes wrong', () => {
  test('a wrong command line: one line, code 2, nothing started', async () => {
    const run = start(['--or-port', 'x'])
    assert.equal(await run.code, 2)
    assert.match(run.world.err, /^vantage: --or-port wants [^\n]+\n$/)
    assert.equal(run.app.starts, 0)
  })
  test('an app that cannot start: its problem, code 1, everything ended', async () => {
    const app = new FakeApp()
    app.startError = new AppStartError('data-folder-in-use', { pid: 7 })
    const run = start(['--data', folder, '--json'], app)
    assert.equal(await run.code, 1)
    assert.deepEqual(
      lines(run.world.out).map(({ time: _, ...event }) => event),
      [{ event: 'problem', code: 'data-folder-in-use', pid: 7 }, { event: 'stopped' }],
    )
    assert.match(run.world.err, /data-folder-in-use \(pid: 7\)/)
    await assert.rejects(fetch(app.uiAddress!))
  })
  test('a taken UI port is named', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const run = start(['--data', folder, '--json', '--ui-port', String(port)])
    assert.equal(await run.code, 1)
    assert.deepEqual([lines(run.world.out)[0].code, lines(run.world.out)[0].port], ['port-in-use', port])
    assert.equal(run.app.starts, 0)
    taken.close()
  })
  test("an error that is nobody's problem is told as internal", async () => {
    const app = new FakeApp()
    app.startError = new TypeError('x is not a function')
    const run = start(['--data', folder], app)
    assert.equal(await run.code, 1)
    assert.match(run.world.err, /internal .*x is not a function/)
  })
})

test('--help prints the options', async () => {
  const run = start(['--help'])
  assert.equal(await run.code, 0)
  assert.match(run.world.out, /--accept-consent/)
})
