import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { VantageProcess } from '../interop/vantage-process.ts'

/** A network whose authorities nobody runs: enough to open ports and read keys. */
const NOBODY = `TestingTorNetwork 1\nDirAuthority nobody orport=1 v3ident=${'A'.repeat(40)} 127.0.0.1:1 ${'B'.repeat(40)}\n`
const exited = async (one: VantageProcess) => {
  if (one.child.exitCode === null && one.child.signalCode === null) await once(one.child, 'exit')
  return one.child.exitCode
}

describe('what keeps Vantage or its relay from starting is said clearly, and nothing is overwritten', { timeout: 60_000 }, () => {
  let folder: string
  let data: string
  let running: VantageProcess
  let options: string[]

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vantage-problems-'))
    data = join(folder, 'data')
    await writeFile(join(folder, 'network'), NOBODY)
    options = [
      '--network',
      join(folder, 'network'),
      '--address',
      '127.0.0.1',
      '--or-port',
      '0',
      '--dir-port',
      '0',
      '--pa-port',
      '0',
      '--accept-consent',
      'relay,perspective',
    ]
    running = await VantageProcess.start(options, data)
    await running.event('listening', event => event.or !== undefined)
  })
  after(async () => {
    await running?.stop({ keepFolder: true })
    await rm(folder, { recursive: true, force: true })
  })

  test('keys are made with mode 0600 in a folder of mode 0700', async () => {
    const keys = join(data, 'keys')
    assert.equal((await stat(keys)).mode & 0o777, 0o700)
    const names = await readdir(keys)
    assert.ok(names.length >= 4, names.join(' '))
    for (const name of names) assert.equal((await stat(join(keys, name))).mode & 0o777, 0o600, name)
  })

  test('a second instance on the same data folder: a problem, exit code 1, the first one is not disturbed', async () => {
    const second = await VantageProcess.start(options, data)
    assert.equal(await exited(second), 1)
    const problem = await second.event('problem')
    assert.equal(problem.code, 'data-folder-in-use')
    assert.equal(running.child.exitCode, null)
    assert.equal((await fetch(`http://127.0.0.1:${running.port('dir')}/`)).status, 200)
  })

  test('an OR port in use names the port and who holds it; the window stays, so that it can be changed there', async () => {
    const port = running.port('or')
    const other = await VantageProcess.start(options.with(options.indexOf('--or-port') + 1, String(port)), join(folder, 'other'))
    const problem = await other.event('problem')
    assert.deepEqual({ code: problem.code, port: problem.port }, { code: 'port-in-use', port })
    if (process.platform === 'linux') assert.equal(problem.pid, running.child.pid)
    assert.equal(other.child.exitCode, null)
    await other.stop({ keepFolder: true })
  })

  test('a SOCKS port in use', async () => {
    const taken = createServer()
    await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const other = await VantageProcess.start([...options, '--socks-port', String(port)], join(folder, 'other'))
    assert.equal(await exited(other), 1)
    const problem = await other.event('problem')
    assert.equal(problem.code, 'proxy-port-in-use')
    if (process.platform === 'linux') assert.equal(problem.pid, process.pid)
    taken.close()
  })

  test('a damaged key file is named and left as it is', async () => {
    await running.stop({ keepFolder: true })
    const keys = join(data, 'keys')
    const before = new Map<string, Buffer>()
    for (const name of await readdir(keys)) before.set(name, await readFile(join(keys, name)))
    const [damaged] = [...before.keys()].filter(name => /ed25519|identity/i.test(name)) as [string]
    await writeFile(join(keys, damaged), 'not a key\n')
    running = await VantageProcess.start(options, data)
    const problem = await running.event('problem')
    assert.equal(problem.code, 'key-file-damaged')
    assert.match(String(problem.file), new RegExp(`${damaged}$`))
    for (const [name, bytes] of before) {
      assert.deepEqual(await readFile(join(keys, name)), name === damaged ? Buffer.from('not a key\n') : bytes, name)
    }
    await running.stop({ keepFolder: true })
    await writeFile(join(keys, damaged), before.get(damaged)!)
    running = await VantageProcess.start(options, data)
    await running.event('listening', event => event.or !== undefined)
  })

  test('a damaged settings file is kept aside, and said; an agreement to an older text of sharing is asked again, and the relay goes on', async () => {
    await running.stop({ keepFolder: true })
    await writeFile(join(data, 'settings.json'), '{ "nickname": 7')
    const given = { version: 1, at: 1_760_000_000_000 }
    await writeFile(join(data, 'consents.json'), JSON.stringify({ relay: given, perspective: given }))
    running = await VantageProcess.start(options.slice(0, options.indexOf('--accept-consent')), data)
    assert.equal((await running.event('problem')).code, 'settings-damaged')
    const listening = await running.event('listening', event => event.or !== undefined)
    assert.equal(listening.pa, undefined, 'nothing is shared')
    assert.match(running.log, /consent "perspective" has changed: .* --accept-consent/)
    assert.doesNotMatch(running.log, /consent "relay"/)
    const aside = (await readdir(data)).find(name => name.startsWith('settings') && name.includes('damaged'))
    assert.equal(await readFile(join(data, aside!), 'utf8'), '{ "nickname": 7')
  })

  test('a folder where a file of ours should be: said, with its place; nothing is touched', async () => {
    const other = join(folder, 'folder')
    await mkdir(join(other, 'consents.json', 'inside'), { recursive: true })
    const one = await VantageProcess.start(options, other)
    assert.equal(await exited(one), 1)
    const problem = await one.event('problem')
    assert.equal(problem.code, 'data-folder-unreadable')
    assert.match(String(problem.reason), /consents\.json is not a file/)
    assert.deepEqual(await readdir(join(other, 'consents.json')), ['inside'])
  })

  const WRONG: [string, string[]][] = [
    ['an unknown option', ['--frobnicate']],
    ['a port out of range', ['--or-port', '70000']],
    ['an address that is none', ['--address', '300.1.1.1']],
    ['a policy that cannot be read', ['--exit-policy', 'allow everything']],
    ['an unknown consent', ['--accept-consent', 'all']],
    ['an option without its value', ['--nickname']],
    ['a nickname of wrong form', ['--nickname', 'has space']],
  ]
  for (const [name, wrong] of WRONG) {
    test(`${name}: one clear line, exit code 2`, async () => {
      const one = await VantageProcess.start(wrong, join(folder, 'wrong'))
      assert.equal(await exited(one), 2)
      assert.equal(one.log.trim().split('\n').length, 1, one.log)
      assert.match(one.log, /^vantage: /)
    })
  }

  test('a network file that is missing or wrong', async () => {
    await writeFile(join(folder, 'bad'), 'DirAuthority only half\n')
    for (const path of [join(folder, 'none'), join(folder, 'bad')]) {
      const one = await VantageProcess.start(['--network', path], join(folder, 'wrong'))
      assert.equal(await exited(one), 1)
      assert.equal((await one.event('problem')).code, 'network-file-invalid')
    }
  })
})
