import { rename } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { CallArgument, CallName, CallResult } from '../../shared/ipc.ts'
import type { Problem } from '../../shared/problem.ts'
import { safetyCalls } from '../../shared/safety.ts'
import { type Settings, settings as settingsSchema } from '../../shared/settings.ts'
import type { AppState } from '../../shared/state.ts'
import type { NetworkDirectory } from '../directory/network-directory.ts'
import { readFileIfPresent, writeFileAtomically } from '../lib/files.ts'
import type { Log } from '../lib/log.ts'
import { formatTarget } from '../perspective/block-entry.ts'
import { BlockList, MAX_BLOCK_FILE_BYTES } from '../perspective/block-list.ts'
import { perspectiveOffers } from '../perspective/offers.ts'
import type { ServerRecords } from '../perspective/server-records.ts'
import { checkBlock, type KnownMember } from './block-check.ts'
import { diagnosticsText } from './diagnostics.ts'
import { IdentityDesk } from './identity-desk.ts'
import { IdentityKeeper } from './identity-keeper.ts'
import type { JoinedNetwork } from './joined-network.ts'
import { checkPolicy, risksOf } from './policy-check.ts'
import { widenedPorts } from './policy-widening.ts'
import type { RelayRun } from './relay-run.ts'
import type { Secret } from './scrub.ts'

export type SafetyCallName = keyof typeof safetyCalls

export function isSafetyCall(name: CallName): name is SafetyCallName {
  return Object.hasOwn(safetyCalls, name)
}

export interface SafetyOptions {
  readonly dataFolder: string
  readonly network: JoinedNetwork
  readonly directory: NetworkDirectory
  readonly records: ServerRecords
  readonly log: Log
  settings(): Settings
  state(): AppState
  run(): RelayRun | undefined
  stopRelay(): Promise<void>
  startRelay(): Promise<void>
}

/** What the text of the consent speaks of. */
const USUAL_POLICY = settingsSchema.parse({}).perspectivePolicy

type Answers = { readonly [N in SafetyCallName]: (argument: CallArgument<N>) => CallResult<N> | Promise<CallResult<N>> }

/** Answers the calls of shared/safety.ts: identity, policies, diagnostics, and what a block would do. */
export class Safety {
  readonly keeper: IdentityKeeper
  readonly identity: IdentityDesk
  readonly #o: SafetyOptions
  readonly #answers: Answers

  private constructor(options: SafetyOptions, keeper: IdentityKeeper) {
    this.#o = options
    this.keeper = keeper
    this.identity = new IdentityDesk({
      keeper,
      network: options.network.kind,
      nickname: () => options.settings().nickname,
      seenAt: fingerprint => options.directory.consensus?.byFingerprint.get(fingerprint)?.published,
      isRunning: () => options.run() !== undefined,
      stopRelay: () => options.stopRelay(),
      startRelay: () => options.startRelay(),
      log: options.log.scoped('identity'),
    })
    const { identity } = this
    this.#answers = {
      'blocks.check': ({ target }) => this.#checkBlock(target),
      'diagnostics.get': () => this.#diagnostics(Date.now()),
      'identity.export': argument => identity.export(argument, Date.now()),
      'identity.inspect': argument => identity.inspect(argument),
      'identity.import': argument => identity.import(argument, Date.now()),
      'identity.keep': () => identity.keep().then(() => undefined),
      'policy.check': ({ text }) => checkPolicy(text),
      'policy.widens': ({ text }) => {
        const ports = widenedPorts(text, [USUAL_POLICY, options.settings().perspectivePolicy])
        return { ports, risks: risksOf(ports) }
      },
    }
  }

  /** Rejects with the system's error when the key folder cannot be read. */
  static async load(options: SafetyOptions): Promise<Safety> {
    return new Safety(options, await IdentityKeeper.load(options.dataFolder))
  }

  get section(): AppState['identity'] {
    const { fingerprint, movedAt } = this.keeper
    return { fingerprint, movedAt }
  }

  async answer(name: SafetyCallName, argument: unknown): Promise<unknown> {
    // The argument was checked against the schema of this very name.
    return (this.#answers[name] as (argument: unknown) => unknown)(argument)
  }

  #checkBlock(target: string): CallResult<'blocks.check'> {
    return checkBlock(target, {
      targets: this.#o.records.blocks.entries.map(entry => formatTarget(entry.target)),
      members: this.#members(),
      connected: this.#o.run()?.node.server.peers ?? [],
    })
  }

  /** Relays that offer perspective access are those who may ask for it. */
  #members(): KnownMember[] {
    const { directory, network } = this.#o
    const options = { own: this.keeper.fingerprint ?? '', countryOf: network.countryOf.bind(network) }
    return perspectiveOffers(directory, options).map(({ fingerprint, status, descriptor, country }) => ({
      fingerprint,
      nickname: status.nickname,
      ed25519Identity: descriptor.ed25519Identity,
      family: descriptor.family,
      addresses: [...new Set([status.address, descriptor.address])],
      countries: [country],
    }))
  }

  #diagnostics(now: number): CallResult<'diagnostics.get'> {
    const { rss, heapUsed } = process.memoryUsage()
    const text = diagnosticsText({
      state: this.#o.state(),
      log: this.#o.log.recent(),
      now,
      machine: {
        platform: process.platform,
        arch: process.arch,
        node: process.versions.node,
        electron: process.versions['electron'],
        memoryBytes: rss,
        heapBytes: heapUsed,
      },
      secrets: [{ text: this.#o.dataFolder, as: 'data folder' }, { text: homedir(), as: 'home' }, ...userName()],
    })
    return { name: 'vantage-diagnostics.txt', text }
  }
}

/** A system may not know whose process this is. */
function userName(): Secret[] {
  try {
    return [{ text: userInfo().username, as: 'user' }]
  } catch {
    return []
  }
}

/**
 * A block list with lines that nobody understands is copied aside before it is used, since the next change writes it without them; one that is
 * too large to be one is put aside whole. Answers with what is to be said of it.
 */
export async function keepDamagedBlockList(folder: string, now: number): Promise<Problem | undefined> {
  const file = join(folder, 'blocklist.txt')
  const bytes = await readFileIfPresent(file, MAX_BLOCK_FILE_BYTES)
  if (!bytes) return undefined
  const isTooLarge = bytes.length > MAX_BLOCK_FILE_BYTES
  const { list, errors } = isTooLarge ? { list: undefined, errors: [] } : BlockList.parse(bytes.toString('utf8'), MAX_BLOCK_FILE_BYTES)
  if (list && errors.length === 0) return undefined
  const keptAs = `blocklist.damaged-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}.txt`
  if (list) {
    await writeFileAtomically(join(folder, keptAs), bytes)
    // What can be understood stays; saying so once is enough.
    await writeFileAtomically(file, list.toString())
  } else await rename(file, join(folder, keptAs))
  return { code: 'settings-damaged', detail: { file: 'blocklist.txt', keptAs } }
}
