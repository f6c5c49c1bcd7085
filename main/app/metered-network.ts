import { execFile } from 'node:child_process'
import { type NetworkInterfaceInfo, networkInterfaces, platform } from 'node:os'

/** NetworkManager answers at once or is not there, ms. */
const ASK_MS = 2000

/**
 * The network that this computer is in, as far as it can be told from others without asking anybody: the name of the interface that has the
 * local address of our connections (or the first that leads out), and its part of the address space. Two homes with the same router model look
 * the same; that is said where it is used.
 */
export function networkIdOf(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>> = networkInterfaces(),
): string | undefined {
  const found = Object.entries(interfaces)
    .flatMap(([name, addresses]) => (addresses ?? []).map(address => ({ name, ...address })))
    .filter(({ internal, family, cidr }) => !internal && family === 'IPv4' && cidr !== null)
    .filter(({ name }) => !isVirtualBridge(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))[0]
  if (!found) return undefined
  const bits = Number(found.cidr!.split('/')[1])
  return `${found.name} ${networkOf(found.address, bits)}/${bits}`.slice(0, 100)
}

/** Bridges of virtual machines and containers are no way out. */
export const isVirtualBridge = (name: string): boolean => /^(docker|veth|virbr|br-|vmnet|vEthernet)/.test(name)

/** The first address of an IPv4 network. */
export function networkOf(address: string, bits: number): string {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - bits)
  const first = Math.floor(number / size) * size
  return [24, 16, 8, 0].map(shift => Math.floor(first / 2 ** shift) % 256).join('.')
}

export type SystemSaysMetered = 'metered' | 'unmetered' | 'unknown'

/** What `busctl get-property … Metered` prints: "u 1" (NMMetered: 1 yes, 2 no, 3 guessed yes, 4 guessed no, 0 unknown). */
export function readMetered(text: string): SystemSaysMetered {
  const [, value] = /^u (\d)\s*$/.exec(text) ?? []
  if (value === '1' || value === '3') return 'metered'
  return value === '2' || value === '4' ? 'unmetered' : 'unknown'
}

/**
 * What the system knows of the network's price. Only NetworkManager on Linux tells programs like us; it is asked over D-Bus by systemd's own
 * `busctl`. Never rejects.
 */
export function askSystemMetered(on: NodeJS.Platform = platform()): Promise<SystemSaysMetered> {
  if (on !== 'linux') return Promise.resolve('unknown')
  const name = 'org.freedesktop.NetworkManager'
  const question = ['--system', '--no-pager', 'get-property', name, '/org/freedesktop/NetworkManager', name, 'Metered']
  return new Promise(resolve =>
    execFile('busctl', question, { timeout: ASK_MS, maxBuffer: 1000 }, (error, answer) => resolve(error ? 'unknown' : readMetered(answer))),
  )
}
