/**
 * Milliseconds since 1970 as they were when the program started, and evenly on from there: setting the clock changes nothing. For spans within one
 * run, where a clock that is set back would otherwise make them as long as it was set. Not for what is shown, kept on disk or told to others; a
 * sleep of the computer does not count.
 */
export const steadyNow = (): number => performance.timeOrigin + performance.now()
