export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

/** One line of the log. Lines never hold addresses, names or content of other people's traffic: callers see to it. */
export interface LogLine {
  readonly time: number
  readonly level: LogLevel
  readonly scope: string
  readonly text: string
}

/**
 * Errors quote what came from the network. Nothing of it may move a terminal's cursor, turn its line around or look like a line of its own: what follows a
 * line end is indented, as stack traces are.
 */
const harmless = (text: string): string => text.replace(UNPRINTED, '\ufffd').replace(/\n(?! {2})/g, '\n  ')
/** Controls but the line end, and what changes the direction of its neighbours. */
const UNPRINTED = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Where log lines go: a ring of the newest lines in memory, and any sinks added (the command line adds stderr). */
export class Log {
  readonly #ring: LogLine[] = []
  readonly #sinks = new Set<(line: LogLine) => void>()
  readonly #capacity: number
  level: LogLevel

  constructor(options: { level?: LogLevel; capacity?: number } = {}) {
    this.level = options.level ?? 'info'
    this.#capacity = options.capacity ?? 1000
  }

  addSink(sink: (line: LogLine) => void): () => void {
    this.#sinks.add(sink)
    return () => this.#sinks.delete(sink)
  }

  recent(): readonly LogLine[] {
    return this.#ring
  }

  write(level: LogLevel, scope: string, text: string): void {
    if (ORDER[level] < ORDER[this.level]) return
    const line: LogLine = { time: Date.now(), level, scope, text: harmless(text) }
    this.#ring.push(line)
    if (this.#ring.length > this.#capacity) this.#ring.splice(0, this.#ring.length - this.#capacity)
    for (const sink of this.#sinks) sink(line)
  }

  scoped(scope: string): ScopedLog {
    return {
      debug: text => this.write('debug', scope, text),
      info: text => this.write('info', scope, text),
      warn: text => this.write('warn', scope, text),
      error: text => this.write('error', scope, text),
    }
  }
}

export interface ScopedLog {
  debug(text: string): void
  info(text: string): void
  warn(text: string): void
  error(text: string): void
}

/** A log that keeps nothing, for code that is used without one. */
export const silentLog: ScopedLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
