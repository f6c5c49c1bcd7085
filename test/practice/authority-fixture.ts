import type { DirAuthority } from '../../main/directory/authorities.ts'
import { DirectoryClient } from '../../main/directory/client.ts'
import { DirPort } from '../../main/directory/dir-port.ts'
import { DirectoryServer } from '../../main/directory/server.ts'
import { silentLog } from '../../main/lib/log.ts'
import { DirectoryAuthority } from '../../main/practice/authority.ts'
import { MAX_AUTHORITY_POST } from '../../main/practice/authority-endpoints.ts'
import { generateAuthorityKeys } from '../../main/practice/authority-keys.ts'
import { freePorts } from '../../main/practice/loopback.ts'
import type { ReachabilityProbe } from '../../main/practice/reachability.ts'
import { PRACTICE_TIMING, type PracticeTiming } from '../../main/practice/timing.ts'

const HOST = '127.0.0.1'

export interface TestAuthority {
  readonly authority: DirectoryAuthority
  readonly identity: DirAuthority
  stop(): Promise<void>
}

/** Authorities that talk to each other over real DirPorts, without relays of their own: whom they reach says `probe`. */
export async function startAuthorities(
  count: number,
  options: { probe?: ReachabilityProbe; timing?: Partial<PracticeTiming>; now?: () => number } = {},
): Promise<TestAuthority[]> {
  const ports = await freePorts(HOST, count)
  const keys = await Promise.all(ports.map(() => generateAuthorityKeys({ now: (options.now ?? Date.now)() })))
  const identities: DirAuthority[] = keys.map((own, i) => ({
    nickname: `auth${i}`,
    v3ident: own.certificate.identity,
    fingerprint: String(i).repeat(40),
    address: HOST,
    dirPort: ports[i]!,
    orPort: 9000 + i,
  }))
  return Promise.all(
    keys.map(async (own, i) => {
      const authority = new DirectoryAuthority({
        keys: own,
        authorities: identities,
        timing: { ...PRACTICE_TIMING, ...options.timing },
        client: new DirectoryClient(),
        probe: options.probe ?? (async () => {}),
        now: options.now,
        log: silentLog,
      })
      const server = new DirectoryServer({
        directory: authority,
        ownDescriptor: () => undefined,
        ownExtraInfo: () => undefined,
        extra: authority.extra,
        maxPostBytes: MAX_AUTHORITY_POST,
        now: options.now,
      })
      const port = await DirPort.open({ server, host: HOST, port: ports[i]! })
      authority.startTests()
      return {
        authority,
        identity: identities[i]!,
        stop: async () => {
          await authority.stop()
          await port.close()
          server.close()
        },
      }
    }),
  )
}
