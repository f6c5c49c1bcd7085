// npm run dist: the installers of this system, into dist/ (docs/packaging.md). Needs the network: electron-builder fetches Electron and its
// tools. Arguments go to electron-builder.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './build.mjs'
import { fail, node24, root, run, say, setup } from './setup.mjs'

const INSTALLERS = /\.(AppImage|deb|exe|dmg)$/

setup()
bundle()
if (!run(node24(), [join(root, 'node_modules/electron-builder/cli.js'), '--publish', 'never', ...process.argv.slice(2)]))
  fail('electron-builder failed; see above')
const folder = join(root, 'dist')
const made = readdirSync(folder)
  .filter(name => INSTALLERS.test(name))
  .sort()
const sums = made.map(
  name =>
    `${createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')}  ${name}\n`,
)
writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''))
say(`made ${made.length === 0 ? 'no installer' : made.join(', ')}`)
