import { homedir, networkInterfaces } from 'node:os'
import type { CommandLineEnvironment } from './command-line.ts'

/** Any address of 127.0.0.0/8 is this machine on Linux; elsewhere only those that an interface has. */
function isLocalAddress(address: string): boolean {
  if (process.platform === 'linux' && address.startsWith('127.')) return true
  return Object.values(networkInterfaces()).some(list => list?.some(entry => entry.address === address))
}

/** The real world, for reading the command line. */
export function hostEnvironment(defaultNetwork: 'tor' | 'practice', program: string): CommandLineEnvironment {
  return { platform: process.platform, env: process.env, home: homedir(), defaultNetwork, program, isLocalAddress }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** One Ctrl-C arrives several times: from the terminal, from npm, from the start script. So many ms make it another wish. */
const SAME_WISH_MS = 1000

/**
 * Calls back for every wish of the system that we end: a signal, or the death of the start script that has a pipe to us. Answers with
 * the end of the listening.
 */
export function onEndSignal(listener: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  const onWish = () => {
    const now = performance.now()
    if (now - last >= SAME_WISH_MS) listener()
    last = now
  }
  for (const signal of SIGNALS) process.on(signal, onWish)
  process.on('disconnect', onWish)
  return () => {
    for (const signal of SIGNALS) process.off(signal, onWish)
    process.off('disconnect', onWish)
  }
}

/**
 * An error that nobody caught is a fault of ours, and what it left half done cannot be trusted: it is told, and the app ends, but in
 * good order, so that the router's ports are closed and the books are written. The exit code is 1.
 */
export function endOnFatalError(tell: (text: string) => void): void {
  const onError = (error: unknown) => {
    tell(`vantage: this should not have happened: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = 1
    // No real signal: Windows has none, and would end us at once.
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(1)
  }
  process.on('uncaughtException', onError)
  // Node makes an uncaught exception of it, Electron a warning.
  process.on('unhandledRejection', onError)
}
