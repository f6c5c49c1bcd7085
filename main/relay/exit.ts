import type { Socket } from 'node:net'
import { BeginFlag } from '../cell/begin.ts'
import { EndReason } from '../cell/command.ts'
import { StreamRefused } from '../circuit/errors.ts'
import type { ResolvedAnswer, StreamTarget } from '../circuit/hop-role.ts'
import type { ExitPolicy } from '../document/exit-policy.ts'
import { canonicalIp, type IpAddress, isIPv4, isSpecialAddress } from '../lib/ip.ts'
import { clipDnsTtl, type ResolvedAddress, ResolveError, type Resolver } from '../net/resolver.ts'
import { ConnectError, connectTcp } from '../net/tcp.ts'
import { isPublicName, reverseTarget } from './exit-names.ts'

/** Watches where one peer's streams go, and may refuse an address that policy would let out. */
export interface ExitWatch {
  /** Asked about every address that would be dialled now; what it answers is what the stream is refused with. */
  refuse(address: IpAddress, port: number): StreamRefused | undefined
  /** How the dial of an address that was not refused ended; `undefined`: it was given up. */
  dialled(address: IpAddress, port: number, connected: boolean | undefined): void
}

export interface ExitConnectorOptions {
  policy(): ExitPolicy
  readonly resolver: Resolver
  /** Exceptions to the refusal of special addresses, for test networks only; port 0 for lookups. Default: none. */
  allowPrivate?(address: IpAddress, port: number): boolean
  isOwnAddress(address: IpAddress): boolean
  /** ORPorts and DirPorts of known relays: no re-entry into the network. */
  isRelayAddress?(address: IpAddress, port: number): boolean
  /** Outgoing connections of its family are bound to it. */
  readonly localAddress?: IpAddress
  /** Milliseconds for one address. */
  readonly connectTimeoutMs?: number
  readonly watch?: ExitWatch
}

const CONNECT_TIMEOUT_MS = 15_000
/** How many addresses of a name are tried. */
const ATTEMPTS = 3
/** What CONNECTED says of an address that needed no lookup: it will not change. */
const LITERAL_TTL = 3600
const ERROR_TTL = 60

/**
 * Takes streams out of the network. A name is looked up first; every address, given or looked up, then has to pass all checks, and exactly the
 * checked address is dialled, so that nothing can change between check and connection.
 */
export class ExitConnector {
  readonly #o: ExitConnectorOptions

  constructor(options: ExitConnectorOptions) {
    this.#o = options
  }

  /** Rejects with StreamRefused, or with the signal's reason. The socket is paused, may be half open, and has no delay. */
  async connect(target: StreamTarget, signal: AbortSignal): Promise<{ socket: Socket; address: IpAddress; ttl: number }> {
    const { host, port, flags } = target
    const literal = canonicalIp(host)
    if (!this.#o.policy().mayAccept(port)) throw new StreamRefused(EndReason.EXITPOLICY, 'no address is reached on this port')
    const candidates = literal === undefined ? byPreference(await this.#lookUp(host, signal), flags) : [literalAnswer(literal)]
    if (candidates.length === 0) throw new StreamRefused(EndReason.RESOLVEFAILED, 'the name has no address of a family that may be used')
    let refusal: StreamRefused | undefined
    let attempts = 0
    for (const { address, ttl } of candidates) {
      signal.throwIfAborted()
      const refused = this.#refusal(address, port, ttl, literal !== undefined)
      if (refused) {
        refusal ??= refused
        continue
      }
      try {
        const socket = await this.#dial(address, port, signal)
        this.#o.watch?.dialled(address, port, true)
        return { socket, address, ttl }
      } catch (error) {
        this.#o.watch?.dialled(address, port, signal.aborted ? undefined : false)
        signal.throwIfAborted()
        refusal = new StreamRefused(endReasonOf(error), 'the connection was not made')
        if (++attempts >= ATTEMPTS) break
      }
    }
    throw refusal!
  }

  #dial(host: IpAddress, port: number, signal: AbortSignal): Promise<Socket> {
    const { localAddress, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#o
    return connectTcp({ host, port, localAddress, signal, timeoutMs: connectTimeoutMs })
  }

  /** Why an address is not dialled; undefined: it may be. */
  #refusal(address: IpAddress, port: number, ttl: number, isLiteral: boolean): StreamRefused | undefined {
    if (!this.#isReachable(address, port)) {
      // A name that leads into our own network: the client is not told to which address.
      return new StreamRefused(EndReason.EXITPOLICY, 'an address that nobody may reach through us', isLiteral ? address : undefined, ttl)
    }
    if (!this.#o.policy().decide(address, port)) return new StreamRefused(EndReason.EXITPOLICY, 'refused by policy', address, ttl)
    // As C tor: not a matter of policy, the client need not look for another exit.
    if (this.#o.isRelayAddress?.(address, port)) return new StreamRefused(EndReason.CONNECTREFUSED, 'a relay is no place to exit to')
    return this.#o.watch?.refuse(address, port)
  }

  #isReachable(address: IpAddress, port: number): boolean {
    return !this.#o.isOwnAddress(address) && (!isSpecialAddress(address) || this.#o.allowPrivate?.(address, port) === true)
  }

  async #lookUp(name: string, signal: AbortSignal): Promise<ResolvedAddress[]> {
    if (!isPublicName(name)) throw new StreamRefused(EndReason.RESOLVEFAILED, 'not a name of the public DNS')
    try {
      const answers = await this.#o.resolver.resolve(name, signal)
      // A resolver's word on form is not taken either.
      return answers.filter(({ address }) => canonicalIp(address) === address)
    } catch {
      signal.throwIfAborted()
      throw new StreamRefused(EndReason.RESOLVEFAILED, 'the name was not resolved')
    }
  }

  /** For RESOLVE: addresses of a name (special ones left out), the names of an address, or one error. Rejects only with the signal's reason. */
  async resolve(name: string, signal: AbortSignal): Promise<ResolvedAnswer[]> {
    const failed = (transient: boolean): ResolvedAnswer[] => [{ kind: 'error', transient, ttl: ERROR_TTL }]
    if (this.#o.policy().rejectsAll) return failed(false)
    const literal = canonicalIp(name)
    if (literal !== undefined) return [{ kind: 'address', ...literalAnswer(literal) }]
    try {
      const reverse = reverseTarget(name)
      if (reverse !== undefined) {
        if (!this.#isReachable(reverse, 0)) return failed(false)
        const names = await this.#o.resolver.reverse(reverse, signal)
        return names.length > 0 ? names.map(answer => ({ kind: 'hostname', ...answer })) : failed(false)
      }
      if (!isPublicName(name)) return failed(false)
      const answers = (await this.#o.resolver.resolve(name, signal)).filter(({ address }) => this.#isReachable(address, 0))
      return answers.length > 0 ? answers.map(answer => ({ kind: 'address', ...answer })) : failed(false)
    } catch (error) {
      signal.throwIfAborted()
      return failed(!(error instanceof ResolveError) || error.transient)
    }
  }
}

function literalAnswer(address: IpAddress): ResolvedAddress {
  return { address, ttl: clipDnsTtl(LITERAL_TTL) }
}

/** The families that the flags of BEGIN allow, the preferred one first (tor-spec 6.2). */
function byPreference(answers: readonly ResolvedAddress[], flags: number): ResolvedAddress[] {
  const v4 = (flags & BeginFlag.IPV4_NOT_OK) === 0 ? answers.filter(({ address }) => isIPv4(address)) : []
  const v6 = (flags & BeginFlag.IPV6_OK) !== 0 ? answers.filter(({ address }) => !isIPv4(address)) : []
  return (flags & BeginFlag.IPV6_PREFERRED) !== 0 ? [...v6, ...v4] : [...v4, ...v6]
}

/** tor-spec 6.3; as C tor maps them (reasons.c). */
function endReasonOf(error: unknown): number {
  switch (error instanceof ConnectError ? error.code : undefined) {
    case 'ECONNREFUSED':
      return EndReason.CONNECTREFUSED
    case 'TIMEOUT':
    case 'ETIMEDOUT':
      return EndReason.TIMEOUT
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EACCES':
    case 'EPERM':
    case 'EADDRNOTAVAIL':
      return EndReason.NOROUTE
    case 'ECONNRESET':
      return EndReason.CONNRESET
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOBUFS':
      return EndReason.RESOURCELIMIT
    default:
      return EndReason.MISC
  }
}
