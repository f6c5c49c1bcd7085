import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { type Settings, type SettingsPatch, settings, storedSettings } from '../../shared/settings.ts'
import { Sequence } from '../lib/sequence.ts'
import { JsonFile } from './json-file.ts'

/** Settings by which something kept is deleted: what was lost of them is not decided by its usual value. */
const DELETING = ['accessLogHours', 'contributionDays'] as const
type Deleting = (typeof DELETING)[number]

/** The person's settings, kept in `settings.json` of the data folder. */
export class SettingsStore {
  /** `settings-damaged` when defaults had to be used. */
  readonly problem: Problem | undefined
  readonly #file: JsonFile<object>
  #current: Settings
  /** Of a newer version, which will want them again. */
  readonly #unknown: object
  #undecided: ReadonlySet<Deleting>
  readonly #writes = new Sequence()

  private constructor(file: JsonFile<object>, value: object, problem: Problem | undefined, wereLost: boolean) {
    this.#file = file
    this.#current = settings.parse(value)
    this.#undecided = new Set(wereLost ? DELETING.filter(name => !Object.hasOwn(value, name)) : [])
    this.#unknown = unknownOf(value)
    this.problem = problem
  }

  /** Never fails for what the file holds; rejects with the system's error when it cannot be read. */
  static async load(folder: string, now: number): Promise<SettingsStore> {
    const file = new JsonFile<object>(join(folder, 'settings.json'), storedSettings, { salvage: salvageSettings })
    const { value, problem } = await file.load(now)
    // The file that lies aside tells of it also after a restart, when nobody has set anything since.
    const names = await readdir(folder).catch((): string[] => [])
    return new SettingsStore(file, value, problem, problem !== undefined || names.some(name => name.startsWith('settings.damaged-')))
  }

  /** What was set was lost, and nothing has been set since: by this setting nothing must be deleted. */
  isUndecided(name: Deleting): boolean {
    return this.#undecided.has(name)
  }

  get current(): Settings {
    return this.#current
  }

  /** Resolves when what was written so far is on the disk, or was refused. */
  idle(): Promise<void> {
    return this.#writes.idle()
  }

  /** Takes what differs, writes the file, answers with the whole. Rejects when the disk refuses; `current` is then unchanged. */
  update(patch: SettingsPatch): Promise<Settings> {
    return this.#writes.run(async () => {
      const named = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
      const next = settings.parse({ ...this.#current, ...named })
      const undecided = new Set([...this.#undecided].filter(name => !Object.hasOwn(named, name)))
      const decided = Object.fromEntries(Object.entries(next).filter(([name]) => !undecided.has(name as Deleting)))
      await this.#file.save({ ...this.#unknown, ...decided })
      this.#current = next
      this.#undecided = undecided
      return next
    })
  }
}

/** What this version has no use for, and can write as it was read: not what is nested so deeply that nobody meant it. */
function unknownOf(value: object): object {
  const unknown = Object.fromEntries(Object.entries(value).filter(([name]) => !Object.hasOwn(settings.shape, name)))
  try {
    JSON.stringify(unknown)
    return unknown
  } catch {
    return {}
  }
}

/** Of settings in which some are wrong, those that are right: a file edited by hand, or written by a newer version with values of its own. */
function salvageSettings(value: unknown): { value: object; lost: string[] } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const own = Object.entries(value)
  const good = own.filter(([name, entry]) => Object.hasOwn(settings.shape, name) && settings.partial().safeParse({ [name]: entry }).success)
  const lost = own.map(([name]) => name).filter(name => Object.hasOwn(settings.shape, name) && !good.some(([other]) => other === name))
  return { value: { ...unknownOf(value), ...Object.fromEntries(good) }, lost }
}
