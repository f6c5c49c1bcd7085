// For `node --import`: measures the delay of the event loop of the process it is loaded into. At SIGUSR2 it appends one line of JSON to the file
// VANTAGE_LOOP_DELAY_FILE (all in ms, of the time since the line before), and begins anew.
import { appendFileSync, existsSync, openSync, readSync } from 'node:fs'
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks'

const file = process.env['VANTAGE_LOOP_DELAY_FILE']
const LONG_MS = 50
const TICK_MS = 10

/** CPU time of the main thread, and how long it was ready to run while other threads had the processor (ms). Linux only. */
const schedstat = existsSync('/proc/self/schedstat') ? openSync(`/proc/self/task/${process.pid}/schedstat`, 'r') : undefined
const line = Buffer.alloc(100)
function waited() {
  if (schedstat === undefined) return 0
  return Number(line.toString('latin1', 0, readSync(schedstat, line, 0, line.length, 0)).split(' ')[1]) / 1e6
}

/** @param {number[]} sorted @param {number} share */
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

if (file) {
  const histogram = monitorEventLoopDelay({ resolution: TICK_MS })
  histogram.enable()
  let last = performance.now()
  let lastWaited = waited()
  let since = last
  /** Delays without the time for which others had the processor. */
  let own = []
  setInterval(() => {
    const now = performance.now()
    const nowWaited = waited()
    own.push(Math.max(0, now - last - TICK_MS - (nowWaited - lastWaited)))
    last = now
    lastWaited = nowWaited
  }, TICK_MS).unref()
  let pauses = { longest: 0, total: 0, kind: 0 }
  new PerformanceObserver(list => {
    for (const { duration, detail } of list.getEntries()) {
      if (duration > pauses.longest) pauses = { longest: duration, total: pauses.total, kind: detail.kind }
      pauses.total += duration
    }
  }).observe({ entryTypes: ['gc'] })
  process.on('SIGUSR2', () => {
    const now = performance.now()
    const [p50, p99, max] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(ns => Math.max(0, ns / 1e6 - TICK_MS))
    own.sort((a, b) => a - b)
    const ours = { p50: percentile(own, 0.5), p99: percentile(own, 0.99), max: own.at(-1) ?? 0, long: own.filter(ms => ms > LONG_MS) }
    const { rss } = process.memoryUsage()
    appendFileSync(file, `${JSON.stringify({ span: now - since, p50, p99, max, own: ours, gc: pauses, rss })}\n`)
    histogram.reset()
    since = now
    own = []
    pauses = { longest: 0, total: 0, kind: 0 }
  })
}
