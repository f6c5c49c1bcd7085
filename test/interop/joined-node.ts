import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDirAuthorityLines } from '../../main/directory/authorities.ts'
import { DirectoryClient } from '../../main/directory/client.ts'
import { NetworkDirectory } from '../../main/directory/network-directory.ts'
import { ExitPolicy } from '../../main/document/exit-policy.ts'
import { silentLog } from '../../main/lib/log.ts'
import type { Resolver } from '../../main/net/resolver.ts'
import { type NodeOptions, PerspectiveNode } from '../../main/perspective/node.ts'
import { COMPRESSED_TIMING } from '../../main/perspective/node-timing.ts'
import { RelayKeys } from '../../main/relay/keys.ts'

/** Knows no names, and remembers what it was asked. */
export class CountingResolver implements Resolver {
  readonly asked: string[] = []
  async resolve(name: string): Promise<never> {
    this.asked.push(name)
    throw new Error('no such name')
  }
  async reverse(address: string): Promise<never> {
    this.asked.push(address)
    throw new Error('no such name')
  }
}

/** A Vantage node inside the test's own process, in a network of stock tor on 127.0.0.1. */
export class JoinedNode {
  readonly node: PerspectiveNode
  readonly directory: NetworkDirectory
  readonly resolver: CountingResolver
  /** Its keys are in `keys`. */
  readonly folder: string

  private constructor(node: PerspectiveNode, directory: NetworkDirectory, resolver: CountingResolver, folder: string) {
    this.node = node
    this.directory = directory
    this.resolver = resolver
    this.folder = folder
  }

  /** Starts with free ports, everything allowed, admitting Running peers; `change` replaces options. */
  static async start(dirAuthorityLines: readonly string[], nickname: string, change: Partial<NodeOptions> = {}): Promise<JoinedNode> {
    const folder = await mkdtemp(join(tmpdir(), 'vantage-node-'))
    const { authorities } = parseDirAuthorityLines(['TestingTorNetwork 1', ...dirAuthorityLines].join('\n'))
    const address = change.address ?? '127.0.0.1'
    const directory = new NetworkDirectory({
      authorities,
      folder: join(folder, 'directory'),
      client: new DirectoryClient({}),
      schedule: { compressed: true },
    })
    const resolver = new CountingResolver()
    const node = new PerspectiveNode({
      keys: await RelayKeys.load(join(folder, 'keys')),
      authorities,
      directory,
      listen: { or: { host: address, port: 0 }, dir: { host: address, port: 0 }, pa: { host: address, port: 0 } },
      address,
      outboundAddress: address,
      nickname,
      contact: '',
      version: '0.0.0',
      system: 'Linux',
      bandwidth: { rate: 1e9, burst: 1e9 },
      exitPolicy: ExitPolicy.parse('reject *:*'),
      perspective: { policy: ExitPolicy.parse('accept *:*'), admits: 'running' },
      allowPrivate: () => true,
      resolver,
      assumeReachable: true,
      testing: true,
      timing: COMPRESSED_TIMING,
      log: silentLog,
      ...change,
    })
    await directory.start()
    await node.start()
    return new JoinedNode(node, directory, resolver, folder)
  }

  get fingerprint(): string {
    return this.node.options.keys.fingerprint
  }

  async stop(): Promise<void> {
    await this.node.stop()
    await this.directory.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}
