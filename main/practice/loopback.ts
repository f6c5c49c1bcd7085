import type { IpAddress } from '../lib/ip.ts'
import { type Listener, listenTcp } from '../net/listener.ts'
import { practiceAddress } from './geography.ts'

/**
 * Whether this machine lets a program listen on any 127.x.y.z, as Linux and Windows do. macOS knows 127.0.0.1 only, unless its owner added
 * aliases; the practice relays then share that address and differ by port.
 */
export async function hasLoopbackAliases(): Promise<boolean> {
  try {
    await (await hold(practiceAddress('se', 254)!)).close()
    return true
  } catch {
    return false
  }
}

function hold(host: IpAddress): Promise<Listener> {
  return listenTcp({ host, port: 0, onConnection: socket => socket.destroy() })
}

/** Ports that were free on the address a moment ago, all different: authorities must be named by port before they listen. */
export async function freePorts(host: IpAddress, count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => hold(host)))
  const ports = held.map(listener => listener.port)
  await Promise.all(held.map(listener => listener.close()))
  return ports
}
