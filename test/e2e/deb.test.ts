import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { usage } from '../../main/app/command-line.ts'
import { buildDeb } from '../../packaging/debian/build.ts'
import { notices } from '../../shared/notices.ts'
import { Machine } from '../packaging/machine.ts'

const root = join(import.meta.dirname, '../..')
/** When all of it was made, in seconds: the build has it inside. */
const EPOCH = Math.floor(Date.now() / 1000)
const why = await Machine.whyNot()
const whyNoSystemd = await Machine.whyNoSystemd()
const HOME = '/home/friend'
const DATA = `${HOME}/.local/share/vantage/practice`

/** The next JSON line of a process that has the event. */
async function heard(child: ChildProcess, event: string): Promise<Record<string, unknown>> {
  let errors = ''
  child.stderr!.setEncoding('utf8').on('data', text => {
    errors = (errors + text).slice(-5000)
  })
  for await (const line of createInterface({ input: child.stdout! })) {
    const said = JSON.parse(line) as Record<string, unknown>
    if (said['event'] === event) return said
  }
  throw new Error(`it ended without "${event}": ${errors}`)
}

describe('the Debian package of the headless host, on a machine of its own', { skip: why }, () => {
  let folder: string
  let deb: string
  let machine: Machine
  // Not with xz, which takes a minute.
  const makeDeb = (name: string) => buildDeb({ root, output: join(folder, name), compression: ['-Zgzip', '-z1'], epoch: EPOCH })
  const buildBundles = () =>
    execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'], {
      cwd: root,
      env: { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) },
    })
  before(async () => {
    buildBundles()
    folder = mkdtempSync(join(tmpdir(), 'vantage-deb-test-'))
    deb = makeDeb('first')
    machine = await Machine.start(deb)
  })
  after(async () => {
    await machine?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('the same sources make the same bytes', () => {
    buildBundles()
    assert.ok(readFileSync(makeDeb('again')).equals(readFileSync(deb)))
  })

  test('is installed by dpkg, whole, asking nothing and running nothing of ours as root', async () => {
    // The index of all manuals is not what is tried here; and images of Debian are often set to leave manuals and licences out.
    await machine.root('dpkg', '--no-triggers', '--path-include=/usr/share/*', '--install', '/tmp/package.deb')
    assert.match(await machine.root('dpkg', '-s', 'vantage-headless'), /^Status: install ok installed$/m)
    assert.equal(await machine.root('dpkg', '--verify', 'vantage-headless'), '')
    const scripts = await machine.root('sh', '-c', 'ls /var/lib/dpkg/info/vantage-headless.*')
    assert.deepEqual(
      scripts
        .trim()
        .split('\n')
        .map(path => path.slice(path.lastIndexOf('.'))),
      ['.list', '.md5sums'],
    )
  })

  test('holds the program, its Node and the words about them: no sources, tests or source maps', async () => {
    const paths = (await machine.root('dpkg', '-L', 'vantage-headless')).trim().split('\n')
    for (const wanted of [
      '/usr/bin/vantage',
      '/usr/lib/vantage/node',
      '/usr/lib/vantage/out/headless/main.js',
      '/usr/lib/vantage/out/headless/country.mmdb',
      '/usr/lib/vantage/out/headless/as-numbers.bin',
      '/usr/lib/vantage/out/renderer/index.html',
      '/usr/lib/systemd/user/vantage.service',
      '/usr/share/man/man1/vantage.1.gz',
      '/usr/share/doc/vantage-headless/copyright',
      '/usr/share/doc/vantage-headless/THIRD-PARTY-LICENSES.txt',
      '/usr/share/doc/vantage-headless/sbom.cdx.json',
    ])
      assert.ok(paths.includes(wanted), wanted)
    assert.deepEqual(
      paths.filter(path => /\.map$|\.tsx?$|node_modules|test|toolbar\.html/.test(path)),
      [],
    )
    assert.doesNotMatch(await machine.read('/usr/lib/vantage/out/headless/main.js'), /sourceMappingURL/)
    // Root's, and nobody else may write.
    const modes = (await machine.root('sh', '-c', 'dpkg -L vantage-headless | xargs stat -c "%U:%G %a %n"')).trim().split('\n')
    const wrong = modes.filter(line => !/^root:root (755|644) /.test(line) && !/ \/\.$| \/tmp$/.test(line))
    assert.deepEqual(wrong, [])
  })

  test('names everybody whose work is in it, Node too', async () => {
    const { components } = notices.parse(JSON.parse(await machine.read('/usr/lib/vantage/out/headless/notices.json')))
    const names = components.map(({ name }) => name)
    for (const wanted of ['Node.js', 'ws', 'zod', 'react', '@noble/curves', '@ip-location-db/asn'])
      assert.ok(names.includes(wanted), wanted)
    const text = await machine.read('/usr/share/doc/vantage-headless/THIRD-PARTY-LICENSES.txt')
    for (const { name, text: licence } of components) assert.ok(text.includes(licence), name)
    const bill = JSON.parse(await machine.read('/usr/share/doc/vantage-headless/sbom.cdx.json')) as {
      components: { name: string; hashes?: object[] }[]
    }
    assert.deepEqual(
      bill.components.map(({ name }) => name),
      names,
    )
    assert.ok(bill.components.every(({ hashes }) => hashes?.length === 1))
  })

  test('has a manual with every option', async () => {
    const page = (await machine.root('gzip', '-dc', '/usr/share/man/man1/vantage.1.gz')).replaceAll('\\-', '-')
    for (const [option] of usage('').matchAll(/--[a-z-]{3,}/g)) assert.ok(page.includes(option), option)
    if (await machine.exists('/usr/bin/man')) {
      const shown = await machine.user('man', '--warnings', '--local-file', '/usr/share/man/man1/vantage.1.gz')
      assert.deepEqual([shown.code, shown.err], [0, ''])
      assert.match(shown.out.replaceAll(/\s+/g, ' '), /One hop is not anonymous/)
    }
    const help = await machine.user('vantage', '--help')
    assert.equal(help.out, usage('vantage'))
  })

  test('runs for an ordinary person: its window answers, and its relay is listed', async () => {
    const run = machine.userProcess(['vantage', '--headless', '--json', '--network', 'practice', '--accept-consent', 'relay'])
    const exited = once(run, 'exit')
    const { ui } = await heard(run, 'listening')
    const page = await machine.user(
      '/usr/lib/vantage/node',
      '-e',
      `const login = await fetch(${JSON.stringify(ui)}, { redirect: 'manual' })
       const page = await fetch(new URL('/', ${JSON.stringify(ui)}), { headers: { cookie: login.headers.get('set-cookie').split(';')[0] } })
       console.log(page.status, await page.text())`,
    )
    assert.match(page.out, /^200 <!doctype html>/i)
    const listed = await heard(run, 'listed')
    assert.match(String(listed['fingerprint']), /^[0-9A-F]{40}$/)
    const stopped = await machine.user('vantage', 'stop', '--network', 'practice')
    assert.deepEqual([stopped.code, (await exited)[0]], [0, 0])
  })

  describe('its user unit', { skip: whyNoSystemd }, () => {
    test('is one that systemd understands', async () => {
      const verified = await machine.user('systemd-analyze', 'verify', '--user', '/usr/lib/systemd/user/vantage.service')
      assert.deepEqual(verified, { code: 0, out: '', err: '' })
    })

    test('starts, confined: nothing of the system to write, nothing of the home to see but its own', async () => {
      await machine.user('sh', '-c', 'mkdir -p ~/.config/vantage ~/.ssh && echo secret > ~/.ssh/id')
      await machine.user('sh', '-c', `echo 'VANTAGE_OPTIONS="--network practice"' > ~/.config/vantage/options`)
      await machine.startUserManager()
      const before = (await machine.user('sh', '-c', `cat ${DATA}/keys/*`)).out
      const started = await machine.user('systemctl', '--user', 'start', 'vantage')
      assert.deepEqual(started, { code: 0, out: '', err: '' }, (await machine.user('systemctl', '--user', 'status', 'vantage')).out)
      const pid = (await machine.user('systemctl', '--user', 'show', 'vantage', '-P', 'MainPID')).out.trim()
      // It answers when it has started.
      let status = await machine.user('vantage', 'status', '--network', 'practice')
      for (const end = Date.now() + 30_000; status.code !== 0 && Date.now() < end; )
        status = await machine.user('vantage', 'status', '--network', 'practice')
      assert.equal(status.code, 0, status.err)
      const { product, ui } = JSON.parse(status.out) as { product: { host: string }; ui: string }
      assert.equal(product.host, 'headless')
      assert.match(ui, /^http:\/\/127\.0\.0\.1:\d+\/login\?token=/)
      const facts = await machine.read(`/proc/${pid}/status`)
      assert.match(facts, /^NoNewPrivs:\s*1$/m)
      assert.match(facts, /^Seccomp:\s*2$/m)
      assert.match(facts, /^CapEff:\s*0{16}$/m)
      const seen = (command: string) => machine.root('nsenter', '--target', pid, '--mount', 'sh', '-c', command)
      assert.equal(await seen(`ls -A ${HOME}`), '.local\n')
      assert.equal(await seen(`touch ${DATA}/here && rm ${DATA}/here && echo written`), 'written\n')
      await assert.rejects(seen('touch /usr/here'), /Read-only file system/)
      assert.equal(await seen('ls /tmp'), '')
      assert.equal((await machine.user('sh', '-c', `cat ${DATA}/keys/*`)).out, before, 'the same relay as before')
      await machine.user('systemctl', '--user', 'stop', 'vantage')
      const result = await machine.user('systemctl', '--user', 'show', 'vantage', '-P', 'Result', '-P', 'ExecMainStatus')
      assert.equal(result.out, 'success\n0\n')
      assert.equal(await machine.exists(`${DATA}/control.json`), false)
    })
  })

  test('is purged without a question, and leaves what its people keep', async () => {
    const keys = (await machine.user('sh', '-c', `cd ${DATA}/keys && sha256sum *`)).out
    assert.ok(keys.length > 0)
    await machine.root('dpkg', '--no-triggers', '--purge', 'vantage-headless')
    assert.equal(await machine.exists('/usr/lib/vantage'), false)
    assert.equal(await machine.exists('/usr/bin/vantage'), false)
    assert.equal((await machine.user('sh', '-c', `cd ${DATA}/keys && sha256sum *`)).out, keys)
  })
})
