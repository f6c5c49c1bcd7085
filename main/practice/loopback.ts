import type { IpAddress } from '../lib/ip.ts'
import { type Listener, listenTcp } from '../net/listener.ts'
import { practiceAddress } from './geography.ts'

/**
 * Whether this machine lets a program listen on any 127.x.y.z, as Linux and Windows do. macOS knows 127.0.0.1 only, unless its owner added
 * aliases; the practice relays then share that address and differ by port.
 */
export async function hasLoopbackAliases(): Promise<boolean> {
  try {
    await (await hold(practiceAddress('se', 254)!, 0)).close()
    return true
  } catch {
    return false
  }
}

function hold(host: IpAddress, port: number): Promise<Listener> {
  return listenTcp({ host, port, onConnection: socket => socket.destroy() })
}

/** Below the ports that systems give to outgoing connections, so that none of those slips in before the port is used. */
const PORTS = { low: 10_000, high: 32_000 }
const ATTEMPTS = 100

/** Ports that were free on the address a moment ago, all different: authorities must be named by port before they listen. */
export async function freePorts(host: IpAddress, count: number): Promise<number[]> {
  const held: Listener[] = []
  try {
    for (let attempt = 0; held.length < count; attempt++) {
      const port = PORTS.low + Math.floor(Math.random() * (PORTS.high - PORTS.low))
      try {
        held.push(await hold(host, port))
      } catch (error) {
        if (attempt >= ATTEMPTS) throw error
      }
    }
    return held.map(listener => listener.port)
  } finally {
    await Promise.all(held.map(listener => listener.close()))
  }
}
