import { setImmediate } from 'node:timers/promises'

/** Work on a long document, cut by `yield` into steps of at most a few milliseconds. */
export type SlicedWork<T> = Generator<void, T, void>

/** How long a slice may hold the event loop, in ms. */
const SLICE_MS = 8

/** Does the work at once. */
export function runToEnd<T>(work: SlicedWork<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/** Does the work in slices of about 8 ms; rejects with the signal's reason soon after it aborts. */
export async function runInSlices<T>(work: SlicedWork<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let deadline = performance.now() + SLICE_MS
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() >= deadline) {
      await setImmediate(undefined, { signal })
      deadline = performance.now() + SLICE_MS
    }
  }
}
