import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Choice } from '../../shared/state.ts'
import { DirectoryClient } from '../directory/client.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import { canonicalIp } from '../lib/ip.ts'
import type { ProxyHandler } from '../perspective/proxy-target.ts'
import { AppStartError } from './app-start-error.ts'
import type { JoinedNetwork } from './joined-network.ts'

const TIMEOUT_MS = 20_000

/**
 * The address that the chosen perspective shows to the web, told by whom it was shown: the practice site, or the directory port of a
 * relay that lets web ports be used (`X-Your-Address-Is`). No third party is asked.
 */
export async function whereAmI(
  handler: ProxyHandler,
  choice: Choice,
  network: JoinedNetwork,
  directory: NetworkDirectory,
): Promise<{ address: string; by: string }> {
  if (choice.kind === 'off') throw new AppStartError('perspective-locked')
  const witness = network.practice ? practiceWitness(network.practice.siteUrl) : directoryWitness(directory)
  if (!witness) throw new AppStartError('not-found')
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const connection = await handler.open({ host: witness.host, port: witness.port, user: undefined, choice }, signal)
  const [near, far] = await socketPair()
  try {
    connection.splice(far, Buffer.alloc(0))
    const answer = await new DirectoryClient().get({ kind: 'begindir', open: async () => near }, witness.path, { signal, maxBytes: 4096 })
    const address = canonicalIp(
      witness.header ? String(answer.headers.get('x-your-address-is') ?? '') : answer.body.toString('latin1').trim(),
    )
    if (!address) throw new AppStartError('not-found')
    return { address, by: witness.name }
  } finally {
    near.destroy()
    far.destroy()
  }
}

function practiceWitness(siteUrl: string) {
  const { hostname, port } = new URL(siteUrl)
  return { host: hostname, port: Number(port), path: '/ip', header: false, name: 'practice site' }
}

/** A relay whose directory port is one that perspective policies let out. */
function directoryWitness(directory: NetworkDirectory) {
  const relays = (directory.consensus?.routers ?? []).filter(router => router.dirPort === 80 || router.dirPort === 443)
  const relay = relays[Math.floor(Math.random() * relays.length)]
  return relay && { host: relay.address, port: relay.dirPort, path: '/tor/server/authority', header: true, name: relay.nickname }
}

/** Two ends of one loopback connection: what a proxy client would have brought along. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const near = connect(port, '127.0.0.1')
  const [far] = (await once(server, 'connection')) as [Socket]
  server.close()
  return [near, far]
}
