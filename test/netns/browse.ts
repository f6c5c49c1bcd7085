// What programs on the person's own computer do, run inside a host: fetch pages through the local proxies.
import { connect } from 'node:net'
import { fetchOver, sha256Hex } from '../interop/blob-server.ts'
import { connectSocks } from '../interop/socks.ts'

export interface Page {
  readonly length: number
  readonly hash: string
  /** Short pages only. */
  readonly text: string
  /** ms from the request to the last byte, connecting included. */
  readonly ms: number
}

/** A page over the SOCKS5 proxy of this host. `user`: the perspective. Rejects with "SOCKS error N" when it is refused. */
export async function fetchPage(proxyPort: number, user: string | undefined, host: string, port: number, path: string): Promise<Page> {
  const started = performance.now()
  const body = await fetchOver(await connectSocks(proxyPort, host, port, user), { host, path })
  const text = body.length <= 1000 ? body.toString('latin1') : ''
  return { length: body.length, hash: sha256Hex(body), text, ms: performance.now() - started }
}

/** Whether a TCP connection can be made from here; the error code when not. */
export function tryConnect(address: string, port: number, ms = 3000): Promise<string> {
  return new Promise(resolve => {
    const socket = connect({ host: address, port, timeout: ms })
    const end = (outcome: string) => {
      socket.destroy()
      resolve(outcome)
    }
    socket.once('connect', () => end('connected'))
    socket.once('timeout', () => end('no answer'))
    socket.once('error', error => end((error as NodeJS.ErrnoException).code ?? String(error)))
  })
}
