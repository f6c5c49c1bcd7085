import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Choice } from '../../shared/state.ts'
import { DirectoryClient } from '../directory/client.ts'
import type { RouterStatus } from '../document/consensus.ts'
import { canonicalIp, type IpAddress } from '../lib/ip.ts'
import type { Offer } from '../perspective/offers.ts'
import { type ProxyHandler, ProxyRefused } from '../perspective/proxy-target.ts'
import { AppStartError } from './app-start-error.ts'

const TIMEOUT_MS = 20_000
/** Witnesses asked at once, and in all. */
const VOICES = 2
const MAX_WITNESSES = 6
const MAX_ANSWER = 65_536

/** Somebody who sees from where we come, and says so. */
export interface Witness {
  readonly name: string
  readonly host: IpAddress
  readonly port: number
  readonly path: string
  /** In the X-Your-Address-Is header, or as the whole body. */
  readonly says: 'header' | 'body'
}

export interface WhereAmIOptions {
  readonly handler: Pick<ProxyHandler, 'open'>
  readonly choice: Choice
  /** The practice web site's address, when there is one. */
  readonly site?: string
  /** Every listed relay. */
  readonly relays: readonly Pick<RouterStatus, 'fingerprint' | 'nickname' | 'address' | 'dirPort' | 'flags'>[]
  readonly own?: string
  /** The servers that the choice may lead through. */
  readonly servers: readonly Pick<Offer, 'fingerprint' | 'descriptor'>[]
  readonly timeoutMs?: number
}

/**
 * The address that the chosen perspective shows to the web, told by whom it was shown: the practice site, or the DirPorts of listed relays
 * (`X-Your-Address-Is`), fetched through the perspective. No third party is asked. Two relays are asked where there are two, and only what they agree on is
 * believed. Rejects with `exit-address-unknown` when nobody could tell, and with ProxyRefused when the perspective cannot be used.
 */
export async function whereAmI(options: WhereAmIOptions): Promise<{ address: IpAddress; by: string }> {
  const { choice, site } = options
  if (choice.kind === 'off') throw new AppStartError('perspective-locked')
  const witnesses = site ? [siteWitness(site)] : relayWitnesses(options)
  const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)
  const voices = new Map<IpAddress, string[]>()
  let refused: unknown
  for (let next = 0; next < witnesses.length && !signal.aborted; next += VOICES) {
    const asked = witnesses.slice(next, next + VOICES)
    const answers = await Promise.allSettled(asked.map(witness => ask(witness, options, signal)))
    for (const [i, answer] of answers.entries()) {
      if (answer.status === 'fulfilled' && answer.value) voices.set(answer.value, [...(voices.get(answer.value) ?? []), asked[i]!.name])
      if (answer.status === 'rejected' && isFinal(answer.reason)) refused = answer.reason
    }
    if (refused) throw refused
    const [best] = [...voices].sort(([, a], [, b]) => b.length - a.length)
    if (best && (best[1].length >= VOICES || witnesses.length === 1)) return { address: best[0], by: best[1].join(', ') }
  }
  // One voice alone is better than none when nobody contradicts it.
  if (voices.size === 1) return [...voices].map(([address, names]) => ({ address, by: names.join(', ') }))[0]!
  throw new AppStartError('exit-address-unknown', voices.size > 1 ? { reason: 'witnesses-differ' } : { reason: 'no-witness' })
}

/** Asking others would not help: nothing leaves at all. */
const isFinal = (error: unknown) => error instanceof ProxyRefused && (error.code === 'locked' || error.code === 'no-relay')

function siteWitness(url: string): Witness {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port || 80), path: '/ip', says: 'body', name: 'practice site' }
}

/** Relays whose DirPort may be reached through the choice, in random order; never ourselves, nor a relay that the choice may lead through. */
export function relayWitnesses(options: WhereAmIOptions, random: () => number = Math.random): Witness[] {
  const { relays, own, servers, choice } = options
  const through = new Set(servers.map(({ fingerprint }) => fingerprint))
  const letsOut = (port: number) =>
    choice.kind === 'tor' ? port === 80 || port === 443 : servers.some(({ descriptor }) => descriptor.perspectivePolicy?.allows(port))
  const fit = relays.filter(
    relay =>
      relay.dirPort > 0 &&
      relay.flags.has('Running') &&
      relay.fingerprint !== own &&
      !through.has(relay.fingerprint) &&
      letsOut(relay.dirPort),
  )
  return fit
    .map(relay => ({ relay, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, MAX_WITNESSES)
    .map(({ relay }) => ({ host: relay.address, port: relay.dirPort, path: '/tor/server/authority', says: 'header', name: relay.nickname }))
}

async function ask(witness: Witness, { handler, choice }: WhereAmIOptions, signal: AbortSignal): Promise<IpAddress | undefined> {
  const { host, port } = witness
  // Everything but 'off' names a perspective, and that was refused before.
  const asked = choice.kind === 'off' ? undefined : choice
  const connection = await handler.open({ host, port, user: undefined, choice: asked }, signal)
  const [near, far] = await socketPair()
  try {
    connection.splice(far, Buffer.alloc(0))
    const source = { kind: 'begindir', open: async () => near } as const
    const answer = await new DirectoryClient().get(source, witness.path, { signal, maxBytes: MAX_ANSWER })
    const text = witness.says === 'header' ? (answer.headers.get('x-your-address-is') ?? '') : answer.body.toString('latin1')
    return canonicalIp(text.trim())
  } finally {
    near.destroy()
    far.destroy()
  }
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
