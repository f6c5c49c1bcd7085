// npm run deb
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { buildDeb } from './build.ts'

const root = join(import.meta.dirname, '../..')

/** SOURCE_DATE_EPOCH, else when the checked-out commit was made. */
function epoch(): number {
  const given = process.env['SOURCE_DATE_EPOCH']
  return Number(given ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }))
}

const file = buildDeb({ root, output: join(root, 'dist'), arch: process.argv[2], epoch: epoch() })
process.stdout.write(`${file} (${(statSync(file).size / 1e6).toFixed(1)} MB)\n`)
