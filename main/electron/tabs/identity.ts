import { type Session, session } from 'electron'
import type { PerspectiveProxy } from '../../app/hosted-app.ts'
import { denyPermissions } from '../lock-down.ts'

let count = 0

/**
 * Who a page on the untrusted web may think that we are: a session of its own, in memory, that knows no way out but one proxy. Nothing
 * is shared between two of them, and nothing is left of one that has ended.
 */
export class Identity {
  readonly session: Session
  readonly proxy: PerspectiveProxy
  #ended: Promise<unknown> | undefined

  private constructor(own: Session, proxy: PerspectiveProxy) {
    this.session = own
    this.proxy = proxy
  }

  /** Takes the proxy over, and closes it where the session cannot be confined to it. */
  static async begin(proxy: PerspectiveProxy): Promise<Identity> {
    try {
      // Without "persist:" the partition lives in memory; the number makes it new.
      const own = session.fromPartition(`perspective:${++count}`)
      denyPermissions(own)
      own.setUserAgent(own.getUserAgent().replace(/ (?:Vantage|vantage|Electron)\/\S+/g, ''))
      // No "direct://" behind it: a dead proxy must be an error. "<-loopback>": Chromium would reach this very machine by itself.
      await own.setProxy({
        mode: 'fixed_servers',
        proxyRules: `socks5://${proxy.host}:${proxy.port}`,
        proxyBypassRules: '<-loopback>',
      })
      return new Identity(own, proxy)
    } catch (error) {
      await proxy.close()
      throw error
    }
  }

  /** Forgets everything. Its pages are to be closed first. */
  end(): Promise<unknown> {
    this.#ended ??= Promise.allSettled([
      this.proxy.close(),
      this.session.closeAllConnections(),
      this.session.clearStorageData(),
      this.session.clearCache(),
      this.session.clearAuthCache(),
    ])
    return this.#ended
  }
}
