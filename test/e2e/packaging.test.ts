import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { notices } from '../../shared/notices.ts'
import { AsarArchive } from '../electron-stand-in/asar-archive.ts'
import { makeStandInDist } from '../packaging/stand-in-dist.ts'
import { buildApp, cannotLaunch, isStandIn, type Launched, launchApp } from './launch.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
// Parts of electron-builder, without types of their own here.
const builderRequire = createRequire(createRequire(import.meta.url).resolve('app-builder-lib/package.json'))
const { getCurrentFuseWire, FuseV1Options } = builderRequire('@electron/fuses') as {
  getCurrentFuseWire(file: string): Promise<Record<string, number>>
  FuseV1Options: Record<string, string>
}
const { NtExecutable, NtExecutableResource } = builderRequire('resedit') as {
  NtExecutable: { from(bytes: Buffer): object }
  NtExecutableResource: { from(program: object): { entries: { type: unknown; id: unknown; bin: ArrayBuffer }[] } }
}
const { parse } = builderRequire('plist') as { parse(text: string): Record<string, never> & Plist }
interface Plist {
  readonly ElectronAsarIntegrity: Record<string, { algorithm: string; hash: string }>
  readonly NSLocalNetworkUsageDescription: string
  readonly CFBundleIconFile: string
}

/** Where each system's package has what. */
const SYSTEMS = [
  { platform: 'linux', app: 'linux-unpacked', binary: 'vantage', resources: 'resources', words: '.' },
  { platform: 'win', app: 'win-unpacked', binary: 'Vantage.exe', resources: 'resources', words: '.' },
  { platform: 'mac', app: 'mac/Vantage.app', binary: '.', resources: 'Contents/Resources', words: 'Contents/Resources' },
] as const

let folder: string
before(async () => {
  buildApp()
  folder = await mkdtemp(join(tmpdir(), 'vantage-packaging-'))
})
after(() => rm(folder, { recursive: true, force: true }))

for (const system of SYSTEMS) {
  const { platform } = system
  describe(`the package for ${platform}, made with a stand-in for the binary`, {
    skip: process.platform !== 'linux' && 'made on Linux',
  }, () => {
    let app: string
    let archive: AsarArchive
    before(async () => {
      const electron = join(folder, `electron-${platform}`)
      makeStandInDist(electron, platform)
      const output = join(folder, `dist-${platform}`)
      const overrides = ['electronVersion=45.4.1', `electronDist=${electron}`, `directories.output=${output}`].map(text => `-c.${text}`)
      const environment = { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: 'false' }
      await run(process.execPath, [join(root, 'node_modules/electron-builder/cli.js'), `--${platform}`, 'dir', '--x64', ...overrides], {
        cwd: root,
        env: environment,
      })
      app = join(output, system.app)
      archive = new AsarArchive(join(app, system.resources, 'app.asar'))
    })

    test('holds what runs, and nothing else: no sources, tests or source maps', () => {
      const files = [...archive.paths()]
      for (const wanted of [
        'out/electron/main.js',
        'out/electron/preload.cjs',
        'out/electron/toolbar-preload.cjs',
        'out/electron/country.mmdb',
        'out/electron/as-numbers.bin',
        'out/electron/notices.json',
        'out/renderer/index.html',
        'out/renderer/toolbar/toolbar.html',
        'assets/tray/off-on-dark.png',
        'assets/icon-512.png',
        'package.json',
      ])
        assert.ok(files.includes(wanted), wanted)
      const ours =
        /^(out\/electron\/[\w-]+\.(js|cjs|mmdb|bin|json)|out\/renderer\/([\w-]+\/)*[\w-]+\.(html|js|css|svg|png|woff2)|assets\/(tray\/[\w@.-]+|icon-512)\.png|package\.json)$/
      assert.deepEqual(
        files.filter(name => !ours.test(name)),
        [],
      )
      for (const name of files.filter(path => /\.c?js$/.test(path)))
        assert.doesNotMatch(archive.read(name).toString('utf8'), /sourceMappingURL=/, name)
      // A sandboxed preload can load nothing but electron.
      for (const name of ['out/electron/preload.cjs', 'out/electron/toolbar-preload.cjs'])
        assert.deepEqual(
          [
            ...archive
              .read(name)
              .toString('utf8')
              .matchAll(/\brequire\(["'`]([^"'`]+)/g),
          ].map(([, what]) => what),
          ['electron'],
        )
    })

    test('calls itself as its installers do, so that the desktop knows its windows', () => {
      const id = /^appId: (\S+)$/m.exec(readFileSync(join(root, 'electron-builder.yml'), 'utf8'))![1]!
      assert.ok(archive.read('out/electron/main.js').includes(id))
      assert.equal(JSON.parse(archive.read('package.json').toString('utf8')).desktopName, 'vantage.desktop')
    })

    test('has the words of every licence beside the program, Electron’s and Chromium’s too', () => {
      const at = (name: string) => readFileSync(join(app, system.words, name), 'utf8')
      const { components } = notices.parse(JSON.parse(archive.read('out/electron/notices.json').toString('utf8')))
      const text = at('THIRD-PARTY-LICENSES.txt')
      for (const { name, text: licence } of components) assert.ok(text.includes(name) && text.includes(licence), name)
      const names = components.map(({ name }) => name)
      for (const wanted of ['react', 'react-dom', 'zod', '@noble/curves', 'mmdb-lib', '@ip-location-db/asn'])
        assert.ok(names.includes(wanted), wanted)
      // Only the headless host has these.
      assert.ok(!names.includes('ws'))
      const { components: billed } = JSON.parse(at('sbom.cdx.json')) as { components: { name: string }[] }
      assert.deepEqual(
        billed.map(({ name }) => name),
        names,
      )
      assert.match(at('LICENSE'), /^BSD 3-Clause/)
      // On macOS electron-builder takes them from the downloaded zip, which is not what it has here.
      if (platform !== 'mac') assert.deepEqual([at('LICENSE.electron.txt'), at('LICENSES.chromium.html')], ['of Electron', 'of Chromium'])
    })

    test('has the fuses that a network program must have', async () => {
      const wire = await getCurrentFuseWire(join(app, system.binary))
      const on = Object.entries(wire)
        .filter(([fuse, state]) => FuseV1Options[fuse] !== undefined && String.fromCharCode(state) === '1')
        .map(([fuse]) => FuseV1Options[fuse])
      assert.deepEqual(
        on.filter(name => name !== 'WasmTrapHandlers'),
        ['EnableCookieEncryption', 'EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar'],
      )
    })

    test('knows the checksums of its archive', () => {
      // Of each file in the header; reading checks it.
      for (const path of archive.paths()) assert.ok(archive.read(path).length >= 0, path)
      // Of the header in the program, where Electron looks on this system; on Linux it does not.
      const hash = createHash('sha256').update(archive.headerText).digest('hex')
      if (platform === 'win') {
        const { entries } = NtExecutableResource.from(NtExecutable.from(readFileSync(join(app, system.binary))))
        const entry = entries.find(({ type, id }) => type === 'INTEGRITY' && id === 'ELECTRONASAR')!
        assert.deepEqual(JSON.parse(Buffer.from(entry.bin).toString('utf8')), [{ file: 'resources\\app.asar', alg: 'SHA256', value: hash }])
      }
      if (platform === 'mac') assert.deepEqual(plist().ElectronAsarIntegrity, { 'Resources/app.asar': { algorithm: 'SHA256', hash } })
    })

    test('has of Chromium’s languages those that the app speaks', () => {
      const locales = platform === 'mac' ? 'Contents/Frameworks/Electron Framework.framework/Versions/A/Resources' : 'locales'
      assert.deepEqual(readdirSync(join(app, locales)).sort(), platform === 'mac' ? ['ar.lproj', 'en.lproj'] : ['ar.pak', 'en-US.pak'])
    })

    const plist = () => parse(readFileSync(join(app, 'Contents/Info.plist'), 'utf8'))
    if (platform === 'mac')
      test('says why it talks to the router, and has its icon', () => {
        assert.match(plist().NSLocalNetworkUsageDescription, /router/)
        assert.ok(existsSync(join(app, 'Contents/Resources', plist().CFBundleIconFile)))
      })

    if (platform === 'linux')
      describe('when it is started', { skip: cannotLaunch() || (!isStandIn && 'its fuses let nobody drive a real one') }, () => {
        let launched: Launched
        before(async () => {
          // A network that is not there: the practice network knows its countries by itself, and would not read the tables.
          const network = join(folder, 'network')
          await writeFile(network, `DirAuthority gone v3ident=${'AB'.repeat(20)} 127.0.0.1:9 ${'CD'.repeat(20)}\nTestingTorNetwork 1\n`)
          launched = await launchApp({
            packaged: join(app, system.binary),
            args: ['--network', network, '--json', '--socks-port', '0', '--http-port', '0'],
          })
        })
        after(() => launched?.end())

        test('shows its two questions, from its archive and with all its data', async () => {
          const page = await launched.app.firstWindow()
          await page.getByRole('heading', { name: 'Be a relay' }).waitFor()
          await page
            .getByRole('link', { name: 'About' })
            .or(page.getByRole('button', { name: 'About' }))
            .first()
            .click()
          await page.getByText('Desktop', { exact: true }).waitFor()
          await page.getByText(/ip-location-db, .*2026/).waitFor()
          await page.getByText(/ip-location-db asn, .*db-ip\.com/).waitFor()
          await page.getByRole('button', { name: 'Show what is in it, with licences' }).click()
          await page.locator('.licences summary', { hasText: 'react-dom' }).waitFor()
        })

        test('is what it claims to be: packaged, with the public network as its own', async () => {
          const facts = await launched.app.evaluate(({ app: electron }) => ({
            packaged: electron.isPackaged,
            version: electron.getVersion(),
          }))
          assert.deepEqual(facts, { packaged: true, version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version })
          const help = await run(join(app, system.binary), ['--help'], {
            env: { ...process.env, STAND_IN_NODE: process.execPath, DISPLAY: '' },
          })
          assert.match(help.stdout, /^Usage: vantage \[options\]/)
        })

        test('quits in good order', async () => {
          await launched.app.close()
          assert.equal(await launched.exited, 0)
          assert.equal(JSON.parse(launched.output.out.trim().split('\n').at(-1)!).event, 'stopped')
        })
      })
  })
}
