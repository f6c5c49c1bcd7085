import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { allowCommand, hostFirewall, isUfwOn } from '../../main/net/host-firewall.ts'
import { listenTcp } from '../../main/net/listener.ts'
import { linuxPortOwner, portOwner, readLsof } from '../../main/net/port-owner.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const line = (local: string, state: string, uid: number, inode: number | string) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 ${uid}        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`

describe('who holds a port on Linux', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vantage-proc-'))
    await mkdir(join(root, 'proc/net'), { recursive: true })
    await mkdir(join(root, 'etc'))
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\ndebian-tor:x:105:113::/var/lib/tor:/bin/false\n')
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const table = (text: string, name = 'tcp') => writeFile(join(root, 'proc/net', name), HEAD + text)
  async function process(pid: number, comm: string | undefined, ...targets: string[]): Promise<void> {
    await mkdir(join(root, `proc/${pid}/fd`), { recursive: true })
    if (comm !== undefined) await writeFile(join(root, `proc/${pid}/comm`), comm)
    for (const [i, target] of targets.entries()) await symlink(target, join(root, `proc/${pid}/fd/${i}`))
  }

  test('a program that we may look into: its name and process', async () => {
    await table(line('00000000:2329', '0A', 1000, 4711))
    await process(77, 'nginx\n', '/dev/null', 'socket:[4712]')
    await process(78, 'tor\n', '/dev/null', 'socket:[4711]')
    assert.deepEqual(await linuxPortOwner(9001, root), { pid: 78, program: 'tor' })
    assert.equal(await linuxPortOwner(9002, root), undefined)
  })

  test('over IPv6, for all addresses', async () => {
    await table(line('00000000000000000000000000000000:01BB', '0A', 0, 5), 'tcp6')
    await process(1, 'caddy\n', 'socket:[5]')
    assert.deepEqual(await linuxPortOwner(443, root), { pid: 1, program: 'caddy' })
  })

  test('somebody else’s program: its account only', async () => {
    await table(line('0100007F:2329', '0A', 105, 4711))
    assert.deepEqual(await linuxPortOwner(9001, root), { user: 'debian-tor' })
    await table(line('0100007F:2329', '0A', 4242, 4711))
    assert.equal(await linuxPortOwner(9001, root), undefined, 'an account without a name')
  })

  test('connections at that port, and others whose number ends alike, are no listeners', async () => {
    await table(line('0100007F:2329', '01', 0, 9) + line('0100007F:12329', '0A', 0, 8) + line('0100007F:2329', '0A', 0, 0))
    assert.equal(await linuxPortOwner(9001, root), undefined)
  })

  test('a table full of nonsense, a process that ends meanwhile, and a very long name do no harm', async () => {
    await writeFile(
      join(root, 'proc/net/tcp'),
      Buffer.concat([Buffer.alloc(100_000, 0xff), Buffer.from(`\n\n:2329 :2329 0A\n${'x '.repeat(50)}\n`)]),
    )
    assert.equal(await linuxPortOwner(9001, root), undefined)
    await table(line('00000000:2329', '0A', 105, 6))
    await process(9, undefined, 'socket:[6]')
    assert.deepEqual(await linuxPortOwner(9001, root), { pid: 9 })
    await writeFile(join(root, 'proc/9/comm'), 'n'.repeat(10_000))
    assert.equal((await linuxPortOwner(9001, root))?.program?.length, 60)
    await symlink('/opt/some where/nginx (deleted)', join(root, 'proc/9/exe'))
    assert.equal((await linuxPortOwner(9001, root))?.program, 'nginx')
  })

  test('in this very system: ourselves', { skip: globalThis.process.platform !== 'linux' }, async () => {
    const listener = await listenTcp({ host: '127.0.0.1', port: 0, onConnection: socket => socket.destroy() })
    try {
      const { pid, execPath } = globalThis.process
      assert.deepEqual(await portOwner(listener.port), { pid, program: basename(execPath) })
    } finally {
      await listener.close()
    }
  })
})

test('what lsof says on macOS is read; on Windows nobody is asked', async () => {
  assert.deepEqual(readLsof('p812\ncnginx\nf6\np813\ncnginx\n'), { pid: 812, program: 'nginx' })
  assert.deepEqual(readLsof('p812\nc\n'), { pid: 812, program: '' })
  for (const text of ['', 'lsof: illegal option', 'pabc\ncx\n', 'p99999999999\ncx\n']) assert.equal(readLsof(text), undefined)
  assert.equal(await portOwner(9001, 'win32'), undefined)
})

describe('a firewall of this computer', () => {
  test('ufw says by its file whether it is on', async () => {
    for (const text of ['ENABLED=yes\nLOGLEVEL=low\n', '# x\n enabled="Yes"\n', 'ENABLED=no\nENABLED=yes']) assert.ok(isUfwOn(text), text)
    for (const text of ['', 'ENABLED=no\n', '# ENABLED=yes\n', 'ENABLED=yes\nENABLED=no\n', 'ENABLED=']) assert.ok(!isUfwOn(text), text)
    const folder = await mkdtemp(join(tmpdir(), 'vantage-ufw-'))
    try {
      await writeFile(join(folder, 'ufw.conf'), 'ENABLED=yes\n')
      assert.equal(await hostFirewall('linux', join(folder, 'ufw.conf')), 'ufw')
      assert.equal(await hostFirewall('win32', join(folder, 'ufw.conf')), undefined)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('the command to let ports in is made of their numbers', () => {
    assert.equal(allowCommand('ufw', [9001, 9030]), 'sudo ufw allow 9001,9030/tcp')
    assert.equal(
      allowCommand('firewalld', [9001, 9030]),
      'sudo firewall-cmd --permanent --add-port=9001/tcp --add-port=9030/tcp && sudo firewall-cmd --reload',
    )
  })
})
