import assert from 'node:assert/strict'
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, type TestContext, test } from 'node:test'
import { Consents } from '../../main/app/consents.ts'
import { askRunningApp, ControlServer, NotRunningError } from '../../main/app/control.ts'
import { FolderInUseError, InstanceLock } from '../../main/app/instance-lock.ts'
import { acceptAtStart } from '../../main/app/resources.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-full-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** From now on no file takes a byte. */
async function fillDisk(t: TestContext): Promise<void> {
  const path = join(folder, 'probe')
  const handle = await open(path, 'w')
  const kind = Object.getPrototypeOf(handle)
  await handle.close()
  await rm(path)
  t.mock.method(kind, 'writeFile', () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' })))
}

describe('a disk that is full when Vantage starts keeps no relay from running', () => {
  test('the folder is still locked; who holds it cannot be told then, and no older holder is named in its place', async t => {
    await writeFile(join(folder, 'instance.json'), '{"pid":7}')
    await fillDisk(t)
    const lock = await InstanceLock.acquire(folder)
    await assert.rejects(InstanceLock.acquire(folder), error => error instanceof FolderInUseError && error.pid === undefined)
    lock.release()
  })

  test('nobody can ask it from the command line; what an older one left is gone', async t => {
    await writeFile(join(folder, 'control.json'), '{"port":1,"secret":"of another"}')
    await fillDisk(t)
    const server = await ControlServer.start(folder, { status: () => 1, stop: async () => {} })
    assert.deepEqual(await readdir(folder), [])
    await assert.rejects(askRunningApp(folder, 'status', 5000), NotRunningError)
    await server.stop()
  })

  test('what the command line agrees to stands when it was agreed to before; what is new is not taken for kept', async t => {
    const consents = await Consents.load(folder, 1)
    await acceptAtStart(consents, false, 1)
    await fillDisk(t)
    await acceptAtStart(consents, false, 2)
    assert.equal(consents.current.relay?.at, 1)
    await assert.rejects(acceptAtStart(consents, true, 3), { code: 'ENOSPC' })
    assert.equal(consents.current.perspective, undefined)
  })
})

test('a lock file that is none of ours is named', async () => {
  await writeFile(join(folder, 'instance.lock'), 'something else, longer than a header would be'.repeat(20))
  await assert.rejects(InstanceLock.acquire(folder), /^Error: instance\.lock: file is not a database$/)
})
