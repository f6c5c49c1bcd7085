import { RelayRows } from '../../main/app/relay-rows.ts'
import type { Consensus, RouterStatus } from '../../main/document/consensus.ts'
import { PortSummary } from '../../main/document/exit-policy.ts'
import { Protocols } from '../../main/document/protocols.ts'
import type { ServerDescriptor } from '../../main/document/server-descriptor.ts'
import type { PerspectiveRelay } from '../../shared/state.ts'

/** As many as the public network has, and every one of them with perspective access: the most that the Browse page could ever hold. */
export const RELAYS = 9000

const COUNTRIES =
  'de us nl fr fi se ch at gb pl ro cz ca jp sg au za br lu no dk it es ua md lt lv ee hk in bg gr hu ie is pt tr mx ar cl'.split(' ')
const NAMES =
  'Midnattsol fjordlys Grachtengordel ZytgloggeBern Uppsala hokusai praiadorosa Leipzig relay nordlicht quiet Elbe torino bluebird'.split(
    ' ',
  )

/** A stream of numbers that is the same in every run. */
export function steadyRandom(seed = 7): (below: number) => number {
  return below => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % below
  }
}

/** A consensus of {@link RELAYS} that all offer perspective access, with their descriptors. */
export function manyRelays(): { consensus: Consensus; parsedDescriptor(fingerprint: string): ServerDescriptor | undefined } {
  const random = steadyRandom()
  const protocols = Protocols.parse('Link=5 X-Perspective=1')
  const policies = ['accept 80,443', 'accept 80,443,8080,8443', 'reject 25,119,135-139,445,563'].map(text => PortSummary.parse(text))
  const descriptors = new Map<string, ServerDescriptor>()
  const routers = Array.from({ length: RELAYS }, (_, n) => {
    const fingerprint = `${(n * 2654435761).toString(16).toUpperCase().padStart(12, '0').slice(0, 12)}${n.toString(16).toUpperCase().padStart(28, '0')}`
    const address = `${1 + random(222)}.${random(256)}.${random(256)}.${random(256)}`
    descriptors.set(fingerprint, {
      fingerprint,
      published: Date.now() - random(18) * 3_600_000,
      uptimeSeconds: random(90 * 86_400),
      bandwidth: { rate: 1_000_000 + random(50_000_000), burst: 60_000_000, observed: 500_000 + random(40_000_000) },
      perspective: { version: 1, port: random(4) === 0 ? 'virtual' : 9040, admits: random(5) === 0 ? 'running' : 'stable' },
      perspectivePolicy: policies[random(policies.length)],
      overloadedAt: random(40) === 0 ? Date.now() - 3_600_000 : undefined,
    } as unknown as ServerDescriptor)
    return {
      fingerprint,
      nickname: `${NAMES[random(NAMES.length)]}${random(1000)}`.slice(0, 19),
      address,
      orPort: 9001,
      flags: new Set(['Fast', 'Running', 'Stable', 'V2Dir', 'Valid']),
      protocols,
      bandwidth: 100 + random(20_000),
    } as unknown as RouterStatus
  })
  return {
    consensus: { routers, byFingerprint: new Map(routers.map(one => [one.fingerprint, one])) } as unknown as Consensus,
    parsedDescriptor: fingerprint => descriptors.get(fingerprint),
  }
}

export const countryAt = (address: string): string => COUNTRIES[address.charCodeAt(address.length - 1) % COUNTRIES.length]!

/** The same relays as rows of the Browse page. */
export function manyRows(client: ConstructorParameters<typeof RelayRows>[0]): PerspectiveRelay[] {
  return new RelayRows(client, () => ({ number: 64496, name: 'Example Networks' })).read().relays
}
