// npm run bench: the benchmarks, one after the other so that they do not disturb each other. Arguments are parts of file names.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fail, node24, root, setup } from './setup.mjs'

setup({ tests: true })
const folder = join(root, 'test/bench')
const filters = process.argv.slice(2)
const files = readdirSync(folder)
  .filter(name => name.endsWith('.bench.ts') && (filters.length === 0 || filters.some(part => name.includes(part))))
  .sort()
if (files.length === 0) fail('no such benchmark')
let failed = 0
for (const file of files) {
  process.stdout.write(`\n${file}\n`)
  if (spawnSync(node24(), ['--expose-gc', join(folder, file)], { cwd: root, stdio: 'inherit' }).status !== 0) failed++
}
process.exitCode = failed === 0 ? 0 : 1
