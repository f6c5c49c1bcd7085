import { type IpAddress, isIPv4, isSpecialAddress } from '../lib/ip.ts'
import { Listeners } from '../lib/service.ts'

/** The word of so many relays is kept in mind. */
const MAX_WITNESSES = 100
/** So many relays must say the same. */
const VOICES = 2

/** The IPv4 address that we publish: the one its owner set, or the one under which listed relays say, independently, that they see us. */
export class OwnAddress {
  /** Another address has been learned. */
  readonly onLearned = new Listeners<[address: IpAddress]>()
  readonly #set: IpAddress | undefined
  readonly #isListed: (fingerprint: string) => boolean
  readonly #allowSpecial: boolean
  /** What each relay said last, by fingerprint, the newest at the end: one that says ever another thing is one voice still. */
  readonly #heard = new Map<string, IpAddress>()
  #learned: IpAddress | undefined

  /** `set`: nothing is learned then. `allowSpecial`: private and loopback addresses are believed too (test networks). */
  constructor(options: { set: IpAddress | undefined; isListed(fingerprint: string): boolean; allowSpecial: boolean }) {
    this.#set = options.set
    this.#isListed = fingerprint => options.isListed(fingerprint)
    this.#allowSpecial = options.allowSpecial
  }

  get current(): IpAddress | undefined {
    return this.#set ?? this.#learned
  }

  /** A peer names the address at which it sees us. `by`: its fingerprint; clients have none, and are not believed. */
  hear(address: IpAddress, by: string | undefined): void {
    if (!by || this.#set || !isIPv4(address) || (isSpecialAddress(address) && !this.#allowSpecial)) return
    if (!this.#isListed(by)) return
    this.#heard.delete(by)
    this.#heard.set(by, address)
    if (this.#heard.size > MAX_WITNESSES) this.#heard.delete(this.#heard.keys().next().value!)
    if (this.#learned === address || [...this.#heard.values()].filter(other => other === address).length < VOICES) return
    this.#learned = address
    this.#heard.clear()
    this.onLearned.emit(address)
  }
}
