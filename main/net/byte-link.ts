import type { IpAddress } from '../lib/ip.ts'

/** Who a {@link ByteLink} talks to. */
export interface LinkEvents {
  /** Bytes that arrived; they belong to the callee. */
  onData(chunk: Buffer): void
  /** The link is gone; nothing follows. */
  onClose(error: Error | undefined): void
}

/** A two-way stream of bytes, as little of it as a channel needs: a {@link TlsLink}, or a pair in memory in tests. */
export interface ByteLink {
  readonly remoteAddress: IpAddress
  readonly remotePort: number
  readonly localAddress: IpAddress
  /** Sets who is told from now on, and starts reading. What had arrived before is delivered first. */
  attach(events: LinkEvents): void
  /** `written` is called in the order of the writes when the system has taken these bytes; never after the close. */
  write(data: Buffer, written: () => void): void
  pause(): void
  resume(): void
  /** Closes after everything written so far has been sent, or after a short time limit. */
  end(): void
  /** Closes now. */
  destroy(): void
}
