import type { Problem } from '../../shared/problem.ts'
import type { Settings, SettingsPatch } from '../../shared/settings.ts'

/** The person's settings in `settings.json` of the data folder. */
export class SettingsStore {
  /** Never fails for what the file holds; `problem` is `settings-damaged` when defaults had to be used. */
  static async load(_folder: string, _now: number): Promise<SettingsStore> {
    throw new Error('soon')
  }
  readonly problem: Problem | undefined
  get current(): Settings {
    throw new Error('soon')
  }
  /** Takes what differs, writes the file, answers with the whole. Rejects when the disk refuses; `current` is then unchanged. */
  update(_patch: SettingsPatch): Promise<Settings> {
    throw new Error('soon')
  }
}
