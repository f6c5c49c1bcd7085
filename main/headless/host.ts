import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from '../app/app.ts'
import { freeBuffersHere } from '../app/buffer-sweeping.ts'
import { endOnFatalError, hostEnvironment, onEndSignal } from '../app/host-environment.ts'
import { runHeadless } from './run.ts'

/** What differs between a checkout and an installed package. */
export interface HeadlessPlace {
  /** Holds package.json and out/renderer. */
  readonly root: string
  readonly defaultNetwork: 'tor' | 'practice'
  /** What people type to start it. */
  readonly program: string
}

/** The headless host in this process, to its end; the process ends with it. */
export async function hostHeadless({ root, defaultNetwork, program }: HeadlessPlace): Promise<never> {
  // A reader that goes away (a closed terminal, `| head`) must not take the relay with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  freeBuffersHere()
  endOnFatalError(text => process.stderr.write(text))
  const code = await runHeadless({
    argv: process.argv.slice(2),
    version: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    environment: hostEnvironment(defaultNetwork, program),
    uiFolder: join(root, 'out/renderer'),
    createApp: options => new App(options),
    stdout: text => void process.stdout.write(text),
    stderr: text => void process.stderr.write(text),
    onSignal: onEndSignal,
    exitNow: status => process.exit(status),
  })
  // Everything of ours has ended; whatever a library still holds must not keep the program.
  process.exit(code || process.exitCode)
}
