import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { after, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { until } from '../interop/stock-node.ts'
import { IsolatedWorld } from './hosts.ts'

const run = promisify(execFile)
const why = await IsolatedWorld.whyNot()
const namespaces = async () => (await run('ip', ['netns', 'list'])).stdout.split('\n').map(line => line.split(' ')[0]!)

describe('an isolated world', { skip: why, timeout: 60_000 }, () => {
  const worlds: IsolatedWorld[] = []
  after(() => Promise.all(worlds.map(world => world.stop())))
  const make = async () => {
    const world = await IsolatedWorld.make(['193.10.0.0/16', '141.20.0.0/16'])
    worlds.push(world)
    return world
  }

  test('its hosts reach each other by their addresses, ask the DNS that they are told, and leave nothing behind', async () => {
    const world = await make()
    const one = await world.host('one', { addresses: ['193.10.0.1'], nameservers: ['141.20.0.1'] })
    const two = await world.host('two', { addresses: ['141.20.0.1'] })
    const farEnds = two.use<typeof import('./far-ends.ts')>(new URL('./far-ends.ts', import.meta.url))
    await farEnds.startWeb(two.address, 80)
    const browse = one.use<typeof import('./browse.ts')>(new URL('./browse.ts', import.meta.url))
    assert.equal(await browse.tryConnect(two.address, 80), 'connected')
    assert.equal(await browse.tryConnect(two.address, 81), 'ECONNREFUSED')
    assert.equal(await browse.tryConnect('8.8.8.8', 53), 'ENETUNREACH')
    const [file, ...prefix] = one.spawnPrefix
    assert.equal((await run(file!, [...prefix, 'cat', '/etc/resolv.conf'])).stdout, 'nameserver 141.20.0.1\n')
    await assert.rejects(run(file!, [...prefix, 'false']))
    await world.stop()
    const left = await namespaces()
    assert.ok(!left.includes(one.namespace) && !left.includes(two.namespace))
    await assert.rejects(access(`/etc/netns/${one.namespace}`))
  })

  test('what a killed run left is taken away by the next one, with the programs that were still running there', async () => {
    const script = `
      const { IsolatedWorld } = await import(${JSON.stringify(new URL('./hosts.ts', import.meta.url).href)})
      const { spawn } = await import('node:child_process')
      const world = await IsolatedWorld.make([])
      const host = await world.host('orphan', { addresses: ['193.10.0.1'] })
      const [file, ...prefix] = host.spawnPrefix
      const child = spawn(file, [...prefix, 'sleep', '300'], { stdio: 'ignore', detached: true })
      console.log(host.namespace, child.pid)
      setInterval(() => {}, 1000)`
    const killed = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 2] })
    const [line] = (await once(killed.stdout!, 'data')) as [Buffer]
    const [namespace, pid] = line.toString().trim().split(' ') as [string, string]
    const gone = once(killed, 'exit')
    killed.kill('SIGKILL')
    await gone
    assert.ok((await namespaces()).includes(namespace))
    await make()
    assert.ok(!(await namespaces()).includes(namespace))
    const isGone = () => {
      try {
        process.kill(Number(pid), 0)
        return false
      } catch {
        return true
      }
    }
    await until('the orphan has ended', isGone, 5000)
  })
})
