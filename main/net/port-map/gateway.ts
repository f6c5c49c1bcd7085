import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { canonicalIp, type IpAddress } from '../../lib/ip.ts'

/** The home router as this machine sees it (IPv4). */
export interface Gateway {
  readonly address: IpAddress
  /** Our address towards it: the one a mapping leads to. */
  readonly localAddress: IpAddress
}

/** The default gateway, or `undefined` when there is no way out or the system does not tell. */
export async function findGateway(signal?: AbortSignal): Promise<Gateway | undefined> {
  const address = await readDefaultGateway(signal)
  if (address === undefined) return undefined
  const localAddress = await localAddressTowards(address)
  return localAddress === undefined ? undefined : { address, localAddress }
}

async function readDefaultGateway(signal?: AbortSignal): Promise<IpAddress | undefined> {
  try {
    switch (process.platform) {
      case 'linux':
        return parseProcNetRoute(await readFile('/proc/net/route', 'utf8'))
      case 'win32':
        return parseRoutePrint(await run('route', ['print', '-4', '0.0.0.0'], signal))
      default:
        return parseRouteGet(await run('route', ['-n', 'get', 'default'], signal))
    }
  } catch {
    return undefined
  }
}

function run(file: string, args: string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(file, args, { signal, timeout: 5000, maxBuffer: 1 << 20 }, (error, stdout) => (error ? reject(error) : resolve(stdout))),
  )
}

/** Linux, /proc/net/route: addresses as hex of a little-endian word; flag 2 is "goes through a gateway". The lowest metric wins. */
export function parseProcNetRoute(text: string): IpAddress | undefined {
  let best: { metric: number; gateway: string } | undefined
  for (const line of text.split('\n').slice(1)) {
    const [, destination, gateway, flags, , , metric, mask] = line.split(/\s+/)
    if (destination !== '00000000' || mask !== '00000000' || !gateway || !/^[0-9A-F]{8}$/i.test(gateway)) continue
    if ((Number.parseInt(flags ?? '', 16) & 2) === 0) continue
    if (!best || Number(metric) < best.metric) best = { metric: Number(metric), gateway }
  }
  return best && [...Buffer.from(best.gateway, 'hex')].reverse().join('.')
}

/** macOS and the BSDs, `route -n get default`: a line "gateway: 192.0.2.1". */
export function parseRouteGet(text: string): IpAddress | undefined {
  return canonicalIp(/^\s*gateway:\s*([0-9.]+)\s*$/m.exec(text)?.[1] ?? '')
}

/** Windows, `route print`: rows of destination, mask, gateway, interface, metric, alike in every language. The lowest metric wins. */
export function parseRoutePrint(text: string): IpAddress | undefined {
  const rows = [...text.matchAll(/^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+([0-9.]+)\s+[0-9.]+\s+(\d+)\s*$/gm)]
  rows.sort((a, b) => Number(a[2]) - Number(b[2]))
  return canonicalIp(rows[0]?.[1] ?? '')
}

/** Our address on the way to `address`: what the system would put into a datagram's source. Nothing is sent. */
async function localAddressTowards(address: IpAddress): Promise<IpAddress | undefined> {
  const socket = createSocket('udp4')
  try {
    socket.connect(9, address)
    await once(socket, 'connect')
    return canonicalIp(socket.address().address)
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}
