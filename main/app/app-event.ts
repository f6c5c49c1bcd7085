/** One JSON line of `--json`; `time` is ISO 8601. */
export interface AppEvent {
  readonly event:
    | 'listening'
    | 'practice'
    | 'mapped'
    | 'reachable'
    | 'published'
    | 'listed'
    | 'unlocked'
    | 'locked'
    | 'admitted'
    | 'refused'
    | 'alarm'
    | 'paused'
    | 'resumed'
    | 'notice'
    | 'problem'
    | 'stopped'
  readonly time: string
  readonly [fact: string]: unknown
}
