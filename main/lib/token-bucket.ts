/** A token bucket: `rate` tokens a second flow in, at most `burst` are kept. Time is given by the caller in milliseconds. */
export class TokenBucket {
  #rate: number
  #burst: number
  #tokens: number
  #at: number

  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  get rate(): number {
    return this.#rate
  }

  get burst(): number {
    return this.#burst
  }

  /** Another rate and size from now on; what is in it stays, as far as it fits. */
  reshape(rate: number, burst: number, now: number): void {
    this.#refill(now)
    this.#rate = rate
    this.#burst = burst
    this.#tokens = Math.min(burst, this.#tokens)
  }

  #refill(now: number): void {
    if (now > this.#at) this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#rate)
    this.#at = now
  }

  available(now: number): number {
    this.#refill(now)
    return this.#tokens
  }

  /** Takes `count` tokens if they are there; takes nothing and returns false otherwise. */
  take(count: number, now: number): boolean {
    this.#refill(now)
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }

  /** Takes `count` tokens, into debt if need be (for bytes that have been read already). */
  spend(count: number, now: number): void {
    this.#refill(now)
    this.#tokens -= count
  }

  /** Milliseconds until `count` tokens will be there; 0 when they are. */
  waitFor(count: number, now: number): number {
    this.#refill(now)
    return this.#tokens >= count ? 0 : Math.ceil(((Math.min(count, this.#burst) - this.#tokens) / this.#rate) * 1000)
  }
}
