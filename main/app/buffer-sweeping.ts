import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 free the memory of buffers on our own thread. A relay takes a new buffer for every read of a link, so V8 has some to free after each 2 MB
 * that came in; by default it wakes all its helper threads for these, which then cost more than all of the relaying (docs/benchmarks.md). The
 * switch is read at each collection. Both Node and Electron let it be set while they run; other engines pass over names that they do not know.
 */
export function freeBuffersHere(): void {
  setFlagsFromString('--no-concurrent-array-buffer-sweeping')
}
