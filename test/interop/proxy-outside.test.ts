import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { listenProxy, type ProxyListener } from '../../main/perspective/proxy-listener.ts'

const run = promisify(execFile)
const ID = process.pid % 10_000
const SPACE = `vantage-out-${ID}`
const [HERE, THERE] = [`vout${ID}a`, `vout${ID}b`]
const [NEAR, FAR] = ['198.18.77.1', '198.18.77.2']

/** What a host beyond the cable gets when it connects, in Python, because it must run inside the other network namespace. */
const DIAL = `
import socket, sys
s = socket.socket(); s.settimeout(3)
try:
    s.connect((sys.argv[1], int(sys.argv[2]))); print("connected")
except ConnectionRefusedError: print("refused")
except OSError: print("unreachable")
`

const isPossible = async () => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    await run('unshare', ['--net', 'ip', 'link'])
    return true
  } catch {
    return false
  }
}
const possible = await isPossible()

describe('T8: the proxy ports seen from a second host', { skip: !possible && 'network namespaces need root' }, () => {
  const proxies: ProxyListener[] = []
  before(async () => {
    await run('ip', ['netns', 'add', SPACE])
    await run('ip', ['link', 'add', HERE, 'type', 'veth', 'peer', 'name', THERE, 'netns', SPACE])
    await run('ip', ['addr', 'add', `${NEAR}/24`, 'dev', HERE])
    await run('ip', ['link', 'set', HERE, 'up'])
    await run('ip', ['-n', SPACE, 'addr', 'add', `${FAR}/24`, 'dev', THERE])
    await run('ip', ['-n', SPACE, 'link', 'set', THERE, 'up'])
    await run('ip', ['-n', SPACE, 'link', 'set', 'lo', 'up'])
    for (const protocol of ['socks5', 'http'] as const)
      proxies.push(await listenProxy({ protocol, port: 0, handler: { open: () => assert.fail('a stream was opened') } }))
  })
  after(async () => {
    await Promise.all(proxies.map(proxy => proxy.close()))
    await run('ip', ['link', 'del', HERE]).catch(() => {})
    await run('ip', ['netns', 'del', SPACE]).catch(() => {})
  })
  const dial = async (port: number) => (await run('ip', ['netns', 'exec', SPACE, 'python3', '-c', DIAL, NEAR, String(port)])).stdout.trim()

  test('the second host reaches what listens on all addresses, and neither of the proxies', async () => {
    const open = createServer(socket => socket.destroy()).listen(0, '0.0.0.0')
    await once(open, 'listening')
    try {
      assert.equal(await dial((open.address() as { port: number }).port), 'connected', 'the cable works')
      for (const { port } of proxies) assert.equal(await dial(port), 'refused')
    } finally {
      open.close()
    }
  })

  test('nor does anybody here by that address, while loopback works', async () => {
    for (const { port } of proxies) {
      const outside = connect({ host: NEAR, port })
      const [error] = await once(outside, 'error')
      assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED')
      const inside = connect({ host: '127.0.0.1', port })
      await once(inside, 'connect')
      inside.destroy()
    }
  })
})
