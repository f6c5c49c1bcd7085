import { constantTimeEqual } from '../crypto/digest.ts'

const MAX_SESSIONS = 32
/** Addresses handed out and not opened yet; the oldest ones stop working beyond this. */
const MAX_TOKENS = 8

function secret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
}

function same(a: string, b: string): boolean {
  return constantTimeEqual(Buffer.from(a), Buffer.from(b))
}

/**
 * Who may use the headless UI: a token in an address opens it once and becomes a session, whose secret lives in a cookie only. So an
 * address in a terminal's history, a browser's history or a proxy's log is worth nothing afterwards.
 */
export class UiSessions {
  #tokens: string[] = []
  #sessions: string[] = []

  /** A token for one login. */
  issueToken(): string {
    const token = secret()
    this.#tokens = [...this.#tokens.slice(1 - MAX_TOKENS), token]
    return token
  }

  /** Exchanges a token for a session's secret; `undefined` when it is unknown or was used. */
  redeem(token: string): string | undefined {
    const known = this.#tokens.filter(candidate => same(candidate, token))
    if (known.length === 0) return undefined
    this.#tokens = this.#tokens.filter(candidate => !known.includes(candidate))
    const session = secret()
    this.#sessions = [...this.#sessions.slice(1 - MAX_SESSIONS), session]
    return session
  }

  isOpen(session: string): boolean {
    let found = false
    for (const candidate of this.#sessions) if (same(candidate, session)) found = true
    return found
  }
}
