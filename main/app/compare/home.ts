import { EndReason } from '../../cell/command.ts'
import { StreamRefused } from '../../circuit/errors.ts'
import { ExitPolicy } from '../../document/exit-policy.ts'
import type { IpAddress } from '../../lib/ip.ts'
import type { Resolver } from '../../net/resolver.ts'
import { duplexConnection, type ProxyHandler, type ProxyRefusal, ProxyRefused } from '../../perspective/proxy-target.ts'
import { beginFlags } from '../../perspective/tor-circuits.ts'
import { ExitConnector } from '../../relay/exit.ts'

const REFUSALS: Partial<Record<number, ProxyRefusal>> = {
  [EndReason.EXITPOLICY]: 'not-allowed',
  [EndReason.RESOLVEFAILED]: 'name-unknown',
  [EndReason.CONNECTREFUSED]: 'connection-refused',
  [EndReason.TIMEOUT]: 'timeout',
  [EndReason.NOROUTE]: 'host-unreachable',
}

/**
 * The person's own line, as far as a comparison may use it: the way out is the exit's, so names are looked up once, every address is checked, and
 * exactly the checked one is dialled. Whatever a page or a redirect names, nothing of this machine or its networks is ever reached.
 */
export function homeHandler(options: {
  readonly resolver: Resolver
  /** Exceptions for the practice world; never any on the public network. */
  allowPrivate(address: IpAddress, port: number): boolean
  isOwnAddress(address: IpAddress): boolean
  localAddress(): IpAddress | undefined
}): Pick<ProxyHandler, 'open'> {
  const { resolver, allowPrivate, isOwnAddress } = options
  const policy = ExitPolicy.parse('accept *:*', { rejectPrivate: false })
  return {
    async open({ host, port }, signal) {
      const localAddress = options.localAddress()
      const connector = new ExitConnector({ policy: () => policy, resolver, allowPrivate, isOwnAddress, localAddress })
      try {
        const { socket, address } = await connector.connect({ host, port, flags: beginFlags(host) }, signal)
        return duplexConnection(socket, address)
      } catch (error) {
        if (!(error instanceof StreamRefused)) throw error
        throw new ProxyRefused(REFUSALS[error.reason] ?? 'general', { cause: error })
      }
    },
  }
}
