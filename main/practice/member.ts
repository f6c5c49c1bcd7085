import { join } from 'node:path'
import type { DirAuthority } from '../directory/authorities.ts'
import { DirectoryClient } from '../directory/client.ts'
import { NetworkDirectory } from '../directory/network-directory.ts'
import { ExitPolicy } from '../document/exit-policy.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { ScopedLog } from '../lib/log.ts'
import type { Service } from '../lib/service.ts'
import type { Resolver } from '../net/resolver.ts'
import { PerspectiveNode } from '../perspective/node.ts'
import { COMPRESSED_TIMING } from '../perspective/node-timing.ts'
import { RelayKeys } from '../relay/keys.ts'
import { DirectoryAuthority } from './authority.ts'
import { MAX_AUTHORITY_POST } from './authority-endpoints.ts'
import { type AuthorityKeys, generateAuthorityKeys } from './authority-keys.ts'
import { freePorts } from './loopback.ts'
import type { MemberPlan } from './members.ts'
import type { PracticeTiming } from './timing.ts'

/** Bytes/s: practice relays may use what the machine gives. */
const BANDWIDTH = { rate: 1_000_000_000, burst: 1_000_000_000 }
const VERSION = 'practice'

/** What the members of one practice network have in common. */
export interface MemberSurroundings {
  readonly authorities: readonly DirAuthority[]
  readonly sitePorts: readonly number[]
  readonly resolver: Resolver
  /** Of relays that tamper. */
  readonly lyingResolver: Resolver
  readonly timing: PracticeTiming
  allowPrivate(address: IpAddress, port: number): boolean
  readonly log: ScopedLog
}

/** A member with its keys and its address, known before any member runs: authorities are named by them. */
export interface PreparedMember {
  readonly plan: MemberPlan
  readonly address: IpAddress
  readonly folder: string
  readonly keys: RelayKeys
  /** Of an authority only: other relays take any free ports when they start. */
  readonly authority?: { readonly keys: AuthorityKeys; readonly orPort: number; readonly dirPort: number }
}

/** Makes a member's keys. `folder` holds those of all members. */
export async function prepareMember(plan: MemberPlan, address: IpAddress, folder: string, log: ScopedLog): Promise<PreparedMember> {
  const own = join(folder, plan.nickname)
  const keys = RelayKeys.load(join(own, 'keys'), { log })
  if (!plan.isAuthority) return { plan, address, folder: own, keys: await keys }
  const [orPort, dirPort] = (await freePorts(address, 2)) as [number, number]
  const authorityKeys = await generateAuthorityKeys({ now: Date.now(), dirAddress: `${address}:${dirPort}` })
  return { plan, address, folder: own, keys: await keys, authority: { keys: authorityKeys, orPort, dirPort } }
}

/** The line of an authority in everybody's list. */
export function describeAuthority({ plan, address, keys, authority }: PreparedMember): DirAuthority | undefined {
  return (
    authority && {
      nickname: plan.nickname,
      v3ident: authority.keys.certificate.identity,
      fingerprint: keys.fingerprint,
      address,
      dirPort: authority.dirPort,
      orPort: authority.orPort,
    }
  )
}

/** A running relay of the practice network; an authority too, where the plan says so. */
export class Member implements Service {
  readonly plan: MemberPlan
  readonly address: IpAddress
  readonly fingerprint: string
  readonly node: PerspectiveNode
  readonly directory: NetworkDirectory
  readonly authority: DirectoryAuthority | undefined

  constructor(prepared: PreparedMember, surroundings: MemberSurroundings) {
    const { plan, address, keys, folder } = prepared
    const { authorities, log, timing, sitePorts } = surroundings
    this.plan = plan
    this.address = address
    this.fingerprint = keys.fingerprint
    const client = new DirectoryClient({ localAddress: address })
    this.directory = new NetworkDirectory({ authorities, folder: join(folder, 'cache'), client, log, schedule: { compressed: true } })
    this.authority =
      prepared.authority &&
      new DirectoryAuthority({
        keys: prepared.authority.keys,
        authorities,
        timing,
        client,
        log,
        probe: async ({ rsaIdentity, ed25519Identity, address: host, port }, signal) => {
          const target = { rsaIdentity, ed25519Identity, addresses: [{ address: host, port }] }
          const channel = await this.node.relay.channels.openFresh(target, { signal })
          channel.close('reachability test done')
        },
      })
    // Any unprivileged port, for the site and for relays that test themselves; from everywhere, as clients choose exits by the summary of
    // their policy. What may really be dialled is `allowPrivate`; the public network is out of reach for sockets bound to loopback.
    const web = 'accept *:80, accept *:443'
    const exitPolicy = plan.isAuthority
      ? ExitPolicy.rejectAll
      : ExitPolicy.parse(`${web}, accept *:1024-65535, reject *:*`, { rejectPrivate: false })
    const perspectivePolicy = ExitPolicy.parse(`${web}, ${sitePorts.map(port => `accept *:${port}`).join(', ')}, reject *:*`, {
      rejectPrivate: false,
    })
    this.node = new PerspectiveNode({
      keys,
      authorities,
      directory: this.directory,
      view: this.authority,
      listen: {
        or: { host: address, port: prepared.authority?.orPort ?? 0 },
        dir: { host: address, port: prepared.authority?.dirPort ?? 0 },
        pa: plan.isAuthority ? 'off' : { host: address, port: 0 },
      },
      address,
      outboundAddress: address,
      nickname: plan.nickname,
      contact: 'practice network',
      version: VERSION,
      system: 'this computer',
      bandwidth: BANDWIDTH,
      exitPolicy,
      perspective: { policy: perspectivePolicy, admits: 'stable' },
      allowPrivate: surroundings.allowPrivate,
      resolver: plan.tampers ? surroundings.lyingResolver : surroundings.resolver,
      assumeReachable: true,
      testing: true,
      timing: COMPRESSED_TIMING,
      extraAnswers: this.authority?.extra,
      maxPostBytes: this.authority && MAX_AUTHORITY_POST,
      log,
    })
  }

  /** Every port this member listens on. */
  get ports(): number[] {
    const { relay, server } = this.node
    return [relay.orPort.port, relay.dirPort?.port, server?.listener?.port].filter(port => port !== undefined)
  }

  /** Opens its ports and publishes its descriptor; begins no votes and fetches no consensus yet. */
  async start(): Promise<void> {
    await this.node.start()
    this.authority?.startTests()
  }

  async stop(): Promise<void> {
    await this.authority?.stop()
    await this.directory.stop()
    await this.node.stop()
  }
}
