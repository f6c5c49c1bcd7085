import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AuthorityList, PUBLIC_AUTHORITIES, parseDirAuthorityLines } from '../directory/authorities.ts'
import type { IpAddress } from '../lib/ip.ts'
import type { Log } from '../lib/log.ts'
import { type Resolver, SystemResolver } from '../net/resolver.ts'
import { COMPRESSED_TIMING, type NodeTiming, PUBLIC_TIMING } from '../perspective/node-timing.ts'
import { PracticeNetwork } from '../practice/network.ts'
import type { AppOptions } from './app-options.ts'
import { AppStartError } from './app-start-error.ts'
import { AsNumbers, type AutonomousSystem } from './as-numbers.ts'
import { GeoDatabase } from './geo.ts'

/** The network the app takes part in, and what follows from which one it is. */
export interface JoinedNetwork extends AuthorityList {
  readonly kind: 'tor' | 'practice' | 'file'
  readonly practice: PracticeNetwork | undefined
  readonly timing: NodeTiming
  readonly resolver: Resolver
  countryOf(address: IpAddress, port: number): string | undefined
  /** Who announces an address; `undefined` where nobody knows, as in a practice network. */
  systemOf(address: IpAddress): AutonomousSystem | undefined
  /** Name and date of the country data and of that on autonomous systems, where real data is used. */
  readonly countryData: string | undefined
  readonly systemData: string | undefined
  /** Exceptions to the refusal of private destinations; never any on the public network. */
  allowPrivate(address: IpAddress, port: number): boolean
  stop(): Promise<void>
}

const MAX_FILE = 1_000_000

/** Starts or reads the network; rejects with {@link AppStartError} when a network file is missing or wrong. */
export async function joinNetwork(options: AppOptions, log: Log): Promise<JoinedNetwork> {
  const geo = new GeoDatabase()
  const systems = new AsNumbers()
  const countryOf = (address: IpAddress) => geo.country(address)
  const systemOf = (address: IpAddress) => systems.system(address)
  switch (options.network.kind) {
    case 'practice': {
      const practice = new PracticeNetwork({ log: log.scoped('practice'), folder: join(options.dataFolder, 'practice') })
      await practice.start()
      return {
        kind: 'practice',
        authorities: practice.authorities,
        testing: true,
        practice,
        timing: COMPRESSED_TIMING,
        resolver: practice.resolver,
        countryOf: (address, port) => practice.geography.country(address, port),
        systemOf: () => undefined,
        countryData: undefined,
        systemData: undefined,
        allowPrivate: (address, port) => practice.allowPrivate(address, port),
        stop: () => practice.stop(),
      }
    }
    case 'file': {
      const list = await readNetworkFile(options.network.path)
      const allow = options.overrides.allowPrivate === true
      return {
        ...list,
        kind: 'file',
        practice: undefined,
        timing: list.testing ? COMPRESSED_TIMING : PUBLIC_TIMING,
        resolver: new SystemResolver(),
        countryOf,
        systemOf,
        countryData: geo.source,
        systemData: systems.source,
        allowPrivate: () => allow,
        stop: async () => {},
      }
    }
    case 'tor':
      return {
        ...PUBLIC_AUTHORITIES,
        kind: 'tor',
        practice: undefined,
        timing: PUBLIC_TIMING,
        resolver: new SystemResolver(),
        countryOf,
        systemOf,
        countryData: geo.source,
        systemData: systems.source,
        allowPrivate: () => false,
        stop: async () => {},
      }
    default:
      return options.network satisfies never
  }
}

async function readNetworkFile(path: string): Promise<AuthorityList> {
  try {
    const text = await readFile(path, 'utf8')
    if (text.length > MAX_FILE) throw new Error('the file is too large')
    return parseDirAuthorityLines(text)
  } catch (error) {
    throw new AppStartError('network-file-invalid', { file: path, reason: (error as Error).message.slice(0, 200) })
  }
}
