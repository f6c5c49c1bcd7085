import type { AppEvent } from '../app/app-options.ts'

/**
 * Writes events as JSON lines, `{"event": …, "time": ISO 8601, …}`, and knows which were written: a host adds `problem` and `stopped`
 * where the app could not say them any more.
 */
export class JsonEvents {
  readonly #write: (line: string) => void
  readonly #written: AppEvent[] = []

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  emit(event: AppEvent): void {
    const { event: name, time, ...facts } = event
    if (name === 'problem' || name === 'stopped') this.#written.push(event)
    this.#write(`${JSON.stringify({ event: name, time, ...facts })}\n`)
  }

  has(name: 'problem' | 'stopped', code?: string): boolean {
    return this.#written.some(event => event.event === name && (code === undefined || event['code'] === code))
  }
}
