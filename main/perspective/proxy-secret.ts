import { constantTimeEqual, sha256 } from '../crypto/digest.ts'
import { randomBytes } from '../crypto/random.ts'

/** A password for the local proxies, new in every run: 96 bits that survive being copied, typed and put into a URL. */
export function newProxySecret(): string {
  return randomBytes(12).toString('base64url')
}

/** Compares in a time that tells nothing, not even the length. */
export function isSecret(given: Uint8Array, secret: string): boolean {
  return constantTimeEqual(sha256(given), sha256(Buffer.from(secret)))
}
