import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
interface Locked {
  readonly version: string
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
}
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
const others = Object.entries(packages).filter(([path]) => path !== '')

test('setting up runs no script of a package but one that copies a file, so it needs the registry only', () => {
  const scripts = others.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)
  assert.deepEqual(scripts, ['node_modules/electron-winstaller'])
  const manifest = JSON.parse(readFileSync(join(root, 'node_modules/electron-winstaller/package.json'), 'utf8'))
  assert.equal(manifest.scripts.install, 'node ./script/select-7z-arch.js')
  const electron = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'))
  assert.ok(!('postinstall' in (electron.scripts ?? {})), 'npm start fetches the binary, when there is a display, and goes on without it')
})

test('every package comes from the registry, with its checksum', () => {
  // Without an address it is the registry's, whichever npm is told to use.
  const fromRegistry = ({ resolved, integrity = '' }: Locked) =>
    (resolved === undefined || resolved.startsWith('https://registry.npmjs.org/')) && integrity.startsWith('sha512-')
  assert.deepEqual(
    others.filter(([, locked]) => !fromRegistry(locked)).map(([path]) => path),
    [],
  )
})

test('every version of ours is exact: what is tested is what is installed', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'])
    for (const [name, version] of Object.entries(manifest[kind]!)) assert.match(version, /^\d+\.\d+\.\d+$/, name)
})
