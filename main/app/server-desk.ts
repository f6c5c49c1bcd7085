import { abuseLetter } from '../../shared/abuse-letter.ts'
import type { CallArgument, CallResult } from '../../shared/ipc.ts'
import type * as contract from '../../shared/perspective-server.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import { MalformedError } from '../lib/bytes.ts'
import { canonicalIp, parseCidr } from '../lib/ip.ts'
import type { AccessRecord } from '../perspective/access-record.ts'
import { type AccessQuery, formatCsv, searchLog, suspectsOf } from '../perspective/access-search.ts'
import { formatTarget, parseTarget } from '../perspective/block-entry.ts'
import type { ServerRecords } from '../perspective/server-records.ts'
import { AppStartError } from './app-start-error.ts'
import { BlockImport } from './block-import.ts'
import type { RelayRun } from './relay-run.ts'

const MAX_CSV_RECORDS = 50_000
const HOUR_MS = 3_600_000

/** Where the owner deals with peers: block list, access log and complaints. Works while the relay is stopped, too. */
export class ServerDesk {
  readonly #records: ServerRecords
  readonly #import: BlockImport
  readonly #directory: NetworkDirectory
  readonly #run: () => RelayRun | undefined

  constructor(options: { records: ServerRecords; directory: NetworkDirectory; run: () => RelayRun | undefined }) {
    this.#records = options.records
    this.#import = new BlockImport(options.records.blocks)
    this.#directory = options.directory
    this.#run = options.run
  }

  blocks(): CallResult<'blocks.get'> {
    return { entries: this.#records.blocks.entries.map(({ target, ...rest }) => ({ target: formatTarget(target), ...rest })) }
  }

  async addBlock({ target, ...rest }: contract.BlockEntry): Promise<void> {
    await this.#records.blocks.add({ target: understood('target', () => parseTarget(target)), ...rest })
  }

  async removeBlock(target: string): Promise<void> {
    const known = await this.#records.blocks.remove(understood('target', () => formatTarget(parseTarget(target))))
    if (!known) throw new AppStartError('not-found', { target: target.slice(0, 100) })
  }

  importBlocks(part: CallArgument<'blocks.import'>): Promise<CallResult<'blocks.import'>> {
    return this.#import.take(part)
  }

  exportBlocks(): CallResult<'blocks.export'> {
    return { name: 'vantage-blocklist.txt', text: this.#records.blocks.export() }
  }

  /** What is logged and what is open now. */
  async *#all(): AsyncGenerator<AccessRecord> {
    if (this.#records.accessLog) yield* this.#records.accessLog.records()
    const server = this.#run()?.node.server
    if (server) yield* server.streams.records()
  }

  async search({ limit = 200, ...query }: CallArgument<'accessLog.search'>): Promise<CallResult<'accessLog.search'>> {
    const { records, total } = await searchLog(this.#all(), queryOf(query), limit)
    return {
      total,
      records: records.map(({ durationMs, ...rest }) => ({ ...rest, ...this.#named(rest.peer), startedAt: rest.endedAt - durationMs })),
    }
  }

  async csv(query: contract.AccessQuery): Promise<CallResult<'accessLog.csv'>> {
    const { records, total } = await searchLog(this.#all(), queryOf(query), MAX_CSV_RECORDS)
    return { name: `vantage-access-${new Date().toISOString().slice(0, 10)}.csv`, text: formatCsv(records.reverse()), total }
  }

  async clearLog(): Promise<void> {
    await this.#records.accessLog?.deleteAll()
  }

  async findAbuse({ at, address: text, port, toleranceSeconds = 60 }: contract.Complaint): Promise<CallResult<'abuse.find'>> {
    const address = canonicalIp(text)
    if (!address) throw new AppStartError('bad-request', { option: 'address', value: text })
    const found = await suspectsOf(this.#all(), { at, address, port, toleranceMs: toleranceSeconds * 1000 })
    const suspects = found.map(suspect => ({ ...suspect, ...this.#named(suspect.peer) }))
    const hours = this.#records.accessLog?.settings.hours ?? 0
    const logged = found.length > 0 || (hours > 0 && at >= Date.now() - hours * HOUR_MS)
    const blocked = new Set(this.#records.blocks.entries.map(({ target }) => formatTarget(target)))
    const run = this.#run()
    const relay = {
      nickname: run?.node.options.nickname ?? 'Vantage',
      fingerprint: run?.node.options.keys.fingerprint ?? '',
      address: run?.node.address,
    }
    const letter = abuseLetter({
      relay,
      complaint: { at, address, port },
      suspects,
      blocked: found.map(({ peer }) => peer).filter(peer => blocked.has(`$${peer}`)),
      logged,
    })
    return { suspects, logged, letter }
  }

  #named(peer: string): { nickname?: string; contact?: string } {
    const nickname = this.#directory.consensus?.byFingerprint.get(peer)?.nickname
    const contact = this.#directory.descriptor(peer)?.contact?.slice(0, 200)
    return { ...(nickname === undefined ? {} : { nickname }), ...(contact === undefined ? {} : { contact }) }
  }
}

function queryOf({ network, ...rest }: contract.AccessQuery): AccessQuery {
  if (network === undefined || network === '') return rest
  const block = parseCidr(network)
  if (!block) throw new AppStartError('bad-request', { option: 'network', value: network })
  return { ...rest, network: block }
}

function understood<T>(option: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof MalformedError) throw new AppStartError('bad-request', { option, reason: error.message })
    throw error
  }
}
