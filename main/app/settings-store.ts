import { join } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { type Settings, type SettingsPatch, settings } from '../../shared/settings.ts'
import { JsonFile } from './json-file.ts'

/** The person's settings, kept in `settings.json` of the data folder. */
export class SettingsStore {
  /** `settings-damaged` when defaults had to be used. */
  readonly problem: Problem | undefined
  readonly #file: JsonFile<Settings>
  #current: Settings
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(file: JsonFile<Settings>, value: Settings, problem: Problem | undefined) {
    this.#file = file
    this.#current = value
    this.problem = problem
  }

  /** Never fails for what the file holds; rejects with the system's error when it cannot be read. */
  static async load(folder: string, now: number): Promise<SettingsStore> {
    const file = new JsonFile<Settings>(join(folder, 'settings.json'), settings, { salvage: salvageSettings })
    const { value, problem } = await file.load(now)
    return new SettingsStore(file, value, problem)
  }

  get current(): Settings {
    return this.#current
  }

  /** Takes what differs, writes the file, answers with the whole. Rejects when the disk refuses; `current` is then unchanged. */
  update(patch: SettingsPatch): Promise<Settings> {
    const result = this.#writing.then(async () => {
      const named = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
      const next = settings.parse({ ...this.#current, ...named })
      await this.#file.save(next)
      this.#current = next
      return next
    })
    this.#writing = result.catch(() => {})
    return result
  }
}

/** Of settings in which some are wrong, those that are right: a file edited by hand, or written by a newer version with values of its own. */
function salvageSettings(value: unknown): { value: Settings; lost: string[] } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const own = Object.entries(value)
  const good = own.filter(([name, entry]) => Object.hasOwn(settings.shape, name) && settings.partial().safeParse({ [name]: entry }).success)
  const lost = own.map(([name]) => name).filter(name => Object.hasOwn(settings.shape, name) && !good.some(([other]) => other === name))
  return { value: settings.parse(Object.fromEntries(good)), lost }
}
