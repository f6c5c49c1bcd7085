import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { FolderInUseError, InstanceLock } from '../../main/app/instance-lock.ts'

const MODULE = join(import.meta.dirname, '../../main/app/instance-lock.ts')
let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'vantage-lock-')), 'data')
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

/** Another process that takes the lock and keeps it until it is killed. */
async function holder() {
  const script = `const { InstanceLock } = await import(${JSON.stringify(MODULE)}); globalThis.lock = await InstanceLock.acquire(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

test('the folder is made private, and the lock can be taken again once released', async () => {
  const lock = await InstanceLock.acquire(folder)
  assert.equal((await stat(folder)).mode & 0o777, 0o700)
  lock.release()
  lock.release()
  const again = await InstanceLock.acquire(folder)
  again.release()
})

test('a second instance in the same process is refused', async () => {
  const lock = await InstanceLock.acquire(folder)
  await assert.rejects(InstanceLock.acquire(folder), FolderInUseError)
  lock.release()
})

test('a second process is refused, told who holds it, and changes nothing; a lock left by a killed one is taken over', async () => {
  const child = await holder()
  const before = await Promise.all((await readdir(folder)).map(async name => [name, await readFile(join(folder, name), 'hex')]))
  await assert.rejects(
    InstanceLock.acquire(folder),
    error => error instanceof FolderInUseError && error.pid === child.pid && error.folder === folder,
  )
  const after = await Promise.all((await readdir(folder)).map(async name => [name, await readFile(join(folder, name), 'hex')]))
  assert.deepEqual(after, before)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = await InstanceLock.acquire(folder)
  assert.equal(JSON.parse(await readFile(join(folder, 'instance.json'), 'utf8')).pid, process.pid)
  lock.release()
})
