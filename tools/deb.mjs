// npm run deb: the Debian package of the headless host, into dist/. An argument names the processor (x64, arm64).
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { bundle } from './build.mjs'
import { fail, hasProgram, node24, root, run, setup } from './setup.mjs'

/** When the checked-out commit was made, in seconds: the same sources are to give the same package. */
function commitTime() {
  const text = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).stdout?.trim()
  return text || String(Math.floor(Date.now() / 1000))
}

setup()
if (!hasProgram('dpkg-deb')) fail('dpkg-deb is needed: this package is made on Debian and its relatives')
process.env.SOURCE_DATE_EPOCH ??= commitTime()
// Anew, since the bundles say when they were made.
bundle()
if (!run(node24(), [join(root, 'packaging/debian/main.ts'), ...process.argv.slice(2)])) process.exitCode = 1
