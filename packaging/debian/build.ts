import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { NOTICES_JSON, NOTICES_TEXT, SOFTWARE_BILL } from '../bundle-contents.ts'
import type { Component } from '../component.ts'
import { checkedComponents, noticesJson, noticesText, softwareBill } from '../notices.ts'
import { lockedIntegrity, npmComponent } from '../npm-package.ts'
import { ARCHITECTURES, changelog, controlFile, copyrightFile, LINTIAN_OVERRIDES, PACKAGE_NAME } from './control.ts'
import { manPage } from './man-page.ts'

export interface DebOptions {
  /** The checkout, built (out/). */
  readonly root: string
  /** Takes the package. */
  readonly output: string
  /** Node's name of the processor; default: this one's. */
  readonly arch?: string
  /** dpkg-deb's -Z and -z; default: xz, small and slow. */
  readonly compression?: readonly string[]
  /** Seconds since the epoch, the age of every file in it. */
  readonly epoch: number
}

/**
 * Makes the Debian package of the headless host: the bundle, its own Node, a user unit, a manual. The same sources and epoch give the same
 * bytes. There are no maintainer scripts: nothing asks, nothing runs as root, and what people keep in their homes stays theirs. Answers
 * with the package's path; throws when dpkg-deb or a part is missing.
 */
export function buildDeb({ root, output, arch = process.arch, compression = ['-Zxz'], epoch }: DebOptions): string {
  const architecture = ARCHITECTURES[arch]
  if (architecture === undefined) throw new Error(`no Node to put in for ${arch}`)
  const product = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string; version: string; license: string }
  const { version } = product
  const date = new Date(epoch * 1000)
  const stage = mkdtempSync(join(tmpdir(), 'vantage-deb-'))
  try {
    const put = (path: string, content: string | Buffer) => {
      const file = join(stage, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
    const own = (name: string) => readFileSync(join(import.meta.dirname, name))
    const node = nodeComponent(root, arch)
    put('usr/bin/vantage', own('vantage.sh'))
    mkdirSync(join(stage, 'usr/lib/vantage/out'), { recursive: true })
    cpSync(join(root, 'node_modules', node.npm, 'bin/node'), join(stage, 'usr/lib/vantage/node'))
    put('usr/lib/vantage/package.json', `${JSON.stringify({ name: product.name, version, type: 'module' })}\n`)
    for (const folder of ['out/headless', 'out/renderer'])
      cpSync(join(root, folder), join(stage, 'usr/lib/vantage', folder), { recursive: true })
    // Electron's toolbar; and the notices, which lack Node here and are written anew.
    rmSync(join(stage, 'usr/lib/vantage/out/renderer/toolbar'), { recursive: true })
    for (const name of [NOTICES_TEXT, SOFTWARE_BILL]) rmSync(join(stage, 'usr/lib/vantage/out/headless', name))
    const components = withNode(root, node)
    put(`usr/lib/vantage/out/headless/${NOTICES_JSON}`, noticesJson(components))
    put('usr/lib/systemd/user/vantage.service', own('vantage.service'))
    put('usr/share/man/man1/vantage.1.gz', gzipSync(manPage(version, date.toISOString().slice(0, 10)), { level: 9 }))
    const doc = `usr/share/doc/${PACKAGE_NAME}`
    put(`${doc}/copyright`, copyrightFile(readFileSync(join(root, 'LICENSE'), 'utf8')))
    put(`${doc}/changelog.gz`, gzipSync(changelog(version, date.toUTCString().replace('GMT', '+0000')), { level: 9 }))
    put(`usr/share/lintian/overrides/${PACKAGE_NAME}`, LINTIAN_OVERRIDES)
    put(`${doc}/README.Debian`, own('README.Debian'))
    put(`${doc}/${NOTICES_TEXT}`, noticesText(components))
    put(`${doc}/${SOFTWARE_BILL}`, softwareBill({ ...product, name: PACKAGE_NAME, licence: product.license }, components))
    const files = regularFiles(stage)
    const sums = files.map(
      path =>
        `${createHash('md5')
          .update(readFileSync(join(stage, path)))
          .digest('hex')}  ${path}\n`,
    )
    const installedSize = Math.ceil(files.reduce((sum, path) => sum + statSync(join(stage, path)).size, 0) / 1024)
    put('DEBIAN/md5sums', sums.join(''))
    put('DEBIAN/control', controlFile({ version, architecture, installedSize }))
    settle(stage, epoch)
    mkdirSync(output, { recursive: true })
    const file = join(output, `${PACKAGE_NAME}_${version}_${architecture}.deb`)
    // One thread: with more, xz cuts the data into blocks, and other machines would make other bytes.
    execFileSync('dpkg-deb', ['--root-owner-group', ...compression, '--threads-max=1', '--build', stage, file], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return file
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** The Node that goes into the package. Its licence names all that it is made of. */
function nodeComponent(root: string, arch: string): Component {
  const npm = `node-linux-${arch}`
  const component = npmComponent(join(root, 'node_modules', npm))
  return { ...component, name: 'Node.js', npm, integrity: lockedIntegrity(root)(npm) }
}

/** What the build found in the bundle, and Node. */
function withNode(root: string, node: Component): Component[] {
  const { components } = JSON.parse(readFileSync(join(root, 'out/headless', NOTICES_JSON), 'utf8')) as { components: Component[] }
  const integrity = lockedIntegrity(root)
  return checkedComponents([...components.map(each => ({ ...each, npm: each.name, integrity: integrity(each.name) })), node])
}

/** @returns the paths of all files, sorted, with slashes and without the folder. */
function regularFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

/** Modes and times of all that is in the package, whatever umask and clock it was made under. */
function settle(folder: string, epoch: number): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const runs = entry.isDirectory() || /^usr\/(bin\/vantage|lib\/vantage\/node)$/.test(relative(folder, path))
    chmodSync(path, runs ? 0o755 : 0o644)
    utimesSync(path, epoch, epoch)
  }
  chmodSync(folder, 0o755)
  utimesSync(folder, epoch, epoch)
}
