import type { Problem } from '../../shared/problem.ts'
import type { AppEvent } from './app-event.ts'

/**
 * Writes events as JSON lines, `{"event": …, "time": ISO 8601, …}`, and knows which were written: a host adds `problem` and `stopped`
 * where the app could not say them any more.
 */
export class JsonEvents {
  readonly #write: (line: string) => void
  readonly #problems = new Set<unknown>()
  #stopped = false

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  emit(event: AppEvent): void {
    const { event: name, time, ...facts } = event
    if (name === 'problem') this.#problems.add(event['code'])
    if (name === 'stopped') this.#stopped = true
    this.#write(`${terminalJson({ event: name, time, ...facts })}\n`)
  }

  /** Says a problem that keeps the app from starting, unless it was said. */
  addProblem(problem: Problem): void {
    if (!this.#problems.has(problem.code)) this.emit({ event: 'problem', time: now(), code: problem.code, ...problem.detail })
  }

  /** The last line. */
  end(): void {
    if (!this.#stopped) this.emit({ event: 'stopped', time: now() })
  }
}

/** JSON that a terminal can show: JSON itself escapes only some of the controls that may come from the network. */
export function terminalJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function now(): string {
  return new Date().toISOString()
}
