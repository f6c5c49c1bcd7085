// For `node --import`: measures the delay of the event loop of the process it is loaded into. At SIGUSR2 it appends one line of JSON to the file
// VANTAGE_LOOP_DELAY_FILE (all in ms, of the time since the line before), and begins anew.
import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks'

const file = process.env['VANTAGE_LOOP_DELAY_FILE']
const LONG_MS = 50
const TICK_MS = 10

if (file) {
  const histogram = monitorEventLoopDelay({ resolution: TICK_MS })
  histogram.enable()
  let last = performance.now()
  let since = last
  let utilization = performance.eventLoopUtilization()
  /** @type {number[]} */
  let long = []
  setInterval(() => {
    const now = performance.now()
    const delay = now - last - TICK_MS
    if (delay > LONG_MS) long.push(Math.round(delay))
    last = now
  }, TICK_MS).unref()
  let pauses = { longest: 0, total: 0 }
  new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) {
      pauses.longest = Math.max(pauses.longest, duration)
      pauses.total += duration
    }
  }).observe({ entryTypes: ['gc'] })
  process.on('SIGUSR2', () => {
    const now = performance.now()
    const [p50, p99, max] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(ns => Math.max(0, ns / 1e6 - TICK_MS))
    const busy = performance.eventLoopUtilization(utilization).utilization
    const heap = process.memoryUsage()
    appendFileSync(
      file,
      `${JSON.stringify({ span: now - since, p50, p99, max, long, busy, gc: pauses, rss: heap.rss, heap: heap.heapUsed })}\n`,
    )
    histogram.reset()
    utilization = performance.eventLoopUtilization()
    since = now
    long = []
    pauses = { longest: 0, total: 0 }
  })
}
