// npm run soak: see test/soak/soak.ts.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { node24, root, setup } from './setup.mjs'

setup({ tests: true })
const child = spawn(node24(), [join(root, 'test/soak/soak.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal))
child.on('exit', code => process.exit(code ?? 1))
