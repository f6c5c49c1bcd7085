// npm run deb. SOURCE_DATE_EPOCH (seconds) is when all of it was made, the bundles too; an argument names the processor.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { buildDeb } from './build.ts'

const root = join(import.meta.dirname, '../..')
const file = buildDeb({ root, output: join(root, 'dist'), arch: process.argv[2], epoch: Number(process.env['SOURCE_DATE_EPOCH']) })
process.stdout.write(`${file} (${(statSync(file).size / 1e6).toFixed(1)} MB)\n`)
