// npm test: sets up what is missing, then runs all tests under Node 24. Arguments are parts of file names to run only those.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { node24, root, setup } from './setup.mjs'

setup({ tests: true })
const child = spawn(node24(), [join(root, 'tools/run-tests.mjs'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal))
child.on('exit', code => process.exit(code ?? 1))
