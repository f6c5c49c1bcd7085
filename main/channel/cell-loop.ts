/** Something with bytes to walk or cells to write: a channel. */
export interface LoopMember {
  /** Cells of the first kind wait (control cells, class 'or'). */
  readonly urgent: boolean
  pumpReads(): void
  pumpWrites(): void
}

/**
 * The heartbeat of all channels of one process part. What arrives and what is queued during one turn of the event loop is worked off together at its end:
 * first everything that was read, so that its answers and relayed cells are queued, then everything that is to be written, urgent channels first. So the
 * cells of a circuit come in runs, TLS records are full, and nothing waits for a timer.
 */
export class CellLoop {
  #readers: LoopMember[] = []
  #writers: LoopMember[] = []
  #scheduled = false

  /** Has pumpReads() called at the end of this turn. Members call it once until they are pumped. */
  wantRead(member: LoopMember): void {
    this.#readers.push(member)
    this.#schedule()
  }

  wantWrite(member: LoopMember): void {
    this.#writers.push(member)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    const readers = this.#readers
    this.#readers = []
    for (let i = 0; i < readers.length; i++) readers[i]!.pumpReads()
    const writers = this.#writers
    this.#writers = []
    const patient: LoopMember[] = []
    for (let i = 0; i < writers.length; i++) {
      if (writers[i]!.urgent) writers[i]!.pumpWrites()
      else patient.push(writers[i]!)
    }
    for (let i = 0; i < patient.length; i++) patient[i]!.pumpWrites()
  }
}

/**
 * Decides how much of a class a channel may write now: the place for bandwidth limits and for sharing among peers (deficit round robin). Whoever withholds
 * bytes must call {@link Channel.resumeWriting} of that channel when there are more.
 */
export interface WriteShaper<Member> {
  /** Bytes that may be written now; Infinity = no limit. */
  allowance(channel: Member, trafficClass: 'or' | 'pa'): number
  spent(channel: Member, trafficClass: 'or' | 'pa', bytes: number): void
}
