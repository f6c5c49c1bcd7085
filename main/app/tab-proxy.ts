import { Listeners } from '../lib/service.ts'
import type { PerspectiveChoice } from '../perspective/choice-name.ts'
import { listenProxy } from '../perspective/proxy-listener.ts'
import { type ProxyHandler, type ProxyRefusal, ProxyRefused } from '../perspective/proxy-target.ts'
import type { PerspectiveProxy } from './hosted-app.ts'

/** Hosts whose refusals are remembered: those of the newest page and some more. */
const MAX_REFUSALS = 100

/**
 * A proxy for one tab, which remembers what it needs to say where the tab looks from and why a page did not come: SOCKS5 has few words for
 * that, and Chromium fewer. `user` keeps its Tor circuits apart from everybody else's.
 */
export async function openTabProxy(
  handler: Pick<ProxyHandler, 'open'>,
  choice: PerspectiveChoice,
  user: string,
): Promise<PerspectiveProxy> {
  const onThrough = new Listeners<[]>()
  const refusals = new Map<string, ProxyRefusal>()
  let through: string | undefined
  const remember = (host: string, code: ProxyRefusal) => {
    refusals.delete(host)
    refusals.set(host, code)
    if (refusals.size > MAX_REFUSALS) refusals.delete(refusals.keys().next().value!)
  }
  const listener = await listenProxy({
    protocol: 'socks5',
    port: 0,
    rules: () => ({ fixed: { choice, user } }),
    handler: {
      open: async (request, signal) => {
        try {
          const connection = await handler.open(request, signal)
          refusals.delete(request.host)
          if (connection.through !== undefined && connection.through !== through) {
            through = connection.through
            onThrough.emit()
          }
          return connection
        } catch (error) {
          remember(request.host, ProxyRefused.of(error).code)
          throw error
        }
      },
    },
  })
  return {
    host: listener.host,
    port: listener.port,
    onThrough,
    get through() {
      return through
    },
    refusal: host => refusals.get(host),
    close: () => listener.close(),
  }
}
