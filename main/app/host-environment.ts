import { homedir, networkInterfaces } from 'node:os'
import type { CommandLineEnvironment } from './command-line.ts'

/** Any address of 127.0.0.0/8 is this machine on Linux; elsewhere only those that an interface has. */
function isLocalAddress(address: string): boolean {
  if (process.platform === 'linux' && address.startsWith('127.')) return true
  return Object.values(networkInterfaces()).some(list => list?.some(entry => entry.address === address))
}

/** The real world, for reading the command line. */
export function hostEnvironment(defaultNetwork: 'tor' | 'practice'): CommandLineEnvironment {
  return { platform: process.platform, env: process.env, home: homedir(), defaultNetwork, isLocalAddress }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls back for every wish of the system that we end; answers with the end of the listening. */
export function onEndSignal(listener: () => void): () => void {
  for (const signal of SIGNALS) process.on(signal, listener)
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
}
