import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { buildApp } from './launch.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
// Parts of electron-builder, without types of their own here.
const builderRequire = createRequire(createRequire(import.meta.url).resolve('app-builder-lib/package.json'))
const { listPackage } = builderRequire('@electron/asar') as { listPackage(file: string): string[] }
const { getCurrentFuseWire, FuseV1Options } = builderRequire('@electron/fuses') as {
  getCurrentFuseWire(file: string): Promise<Record<string, number>>
  FuseV1Options: Record<string, string>
}

/** What stands for the Electron binary: the sentinel, version 1, nine fuses, all on (electron/electron docs/tutorial/fuses.md). */
const FUSES = `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x09${'1'.repeat(9)}`

describe('the package for Linux, made with a binary that only has the fuses', {
  skip: process.platform !== 'linux' && 'made on Linux',
}, () => {
  let folder: string
  before(async () => {
    buildApp()
    folder = await mkdtemp(join(tmpdir(), 'vantage-packaging-'))
    const electron = join(folder, 'electron')
    for (const part of ['resources', 'locales']) await mkdir(join(electron, part), { recursive: true })
    await writeFile(join(electron, 'electron'), `#!/bin/sh\n# ${FUSES}\n`)
    await chmod(join(electron, 'electron'), 0o755)
    await writeFile(join(electron, 'version'), 'v45.4.1')
    for (const name of ['LICENSE', 'LICENSES.chromium.html']) await writeFile(join(electron, name), '')
    const overrides = [`electronVersion=45.4.1`, `electronDist=${electron}`, `directories.output=${join(folder, 'dist')}`].map(
      text => `-c.${text}`,
    )
    await run(process.execPath, [join(root, 'node_modules/electron-builder/cli.js'), '--linux', 'dir', '--x64', ...overrides], {
      cwd: root,
    })
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('holds what runs, and nothing else', () => {
    const files = listPackage(join(folder, 'dist/linux-unpacked/resources/app.asar')).filter(name => /\.\w+$|LICENSE/.test(name))
    for (const wanted of [
      '/out/electron/main.js',
      '/out/electron/preload.cjs',
      '/out/electron/toolbar-preload.cjs',
      '/out/electron/country.mmdb',
      '/out/electron/as-numbers.bin',
      '/out/renderer/index.html',
      '/out/renderer/toolbar/toolbar.html',
      '/assets/tray/off-on-dark.png',
      '/package.json',
      '/LICENSE',
    ])
      assert.ok(files.includes(wanted), wanted)
    const others = files.filter(name => !/^\/(out\/(electron|renderer)\/|assets\/tray\/[\w@.-]+\.png$|package\.json$|LICENSE$)/.test(name))
    assert.deepEqual(others, [])
  })

  test('has the fuses that a network program must have', async () => {
    const wire = await getCurrentFuseWire(join(folder, 'dist/linux-unpacked/vantage'))
    const on = Object.entries(wire)
      .filter(([fuse, state]) => FuseV1Options[fuse] !== undefined && String.fromCharCode(state) === '1')
      .map(([fuse]) => FuseV1Options[fuse])
    assert.deepEqual(
      on.filter(name => name !== 'WasmTrapHandlers'),
      ['EnableCookieEncryption', 'EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar'],
    )
  })
})
