// npm run deb: the Debian package of the headless host, into dist/. An argument names the processor (x64, arm64).
import { join } from 'node:path'
import { build } from './build.mjs'
import { fail, hasProgram, node24, root, run, setup } from './setup.mjs'

setup()
if (!hasProgram('dpkg-deb')) fail('dpkg-deb is needed: this package is made on Debian and its relatives')
build()
if (!run(node24(), [join(root, 'packaging/debian/main.ts'), ...process.argv.slice(2)])) process.exitCode = 1
