/**
 * Which RSA identity goes with which Ed25519 identity (dir-spec 3.2; C tor keypin.c): a pair, once seen, is for ever; either key in another
 * pair is refused, so that nobody can take half of somebody's identity over.
 */
export class KeyPins {
  readonly #byRsa = new Map<string, string>()
  readonly #byEd25519 = new Map<string, string>()

  /** False when one of the two keys is already paired with another one. */
  fits(fingerprint: string, ed25519Identity: Buffer): boolean {
    const ed25519 = ed25519Identity.toString('base64')
    return (this.#byRsa.get(fingerprint) ?? ed25519) === ed25519 && (this.#byEd25519.get(ed25519) ?? fingerprint) === fingerprint
  }

  add(fingerprint: string, ed25519Identity: Buffer): void {
    const ed25519 = ed25519Identity.toString('base64')
    this.#byRsa.set(fingerprint, ed25519)
    this.#byEd25519.set(ed25519, fingerprint)
  }
}
