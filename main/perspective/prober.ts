import { streamDuplex } from '../circuit/stream-duplex.ts'
import type { DirectoryClient } from '../directory/client.ts'
import { parseServerDescriptor, type ServerDescriptor } from '../document/server-descriptor.ts'
import { type IpAddress, isSpecialAddress } from '../lib/ip.ts'
import type { OwnCircuits } from '../relay/own-circuits.ts'
import { circuitHop } from '../relay/path.ts'
import type { Relay } from '../relay/relay.ts'
import type { AdmissionDirectory, Door } from './admission.ts'
import type { NonceBook } from './nonce-book.ts'
import { openPerspectiveLink } from './perspective-link.ts'
import type { ProbeResult } from './probe-book.ts'

export interface ProberOptions {
  readonly relay: Relay
  readonly circuits: OwnCircuits
  readonly client: DirectoryClient
  readonly directory: AdmissionDirectory
  readonly nonces: NonceBook
  /** Where a canary must go to come back to us: our listed DirPort (or ORPort). */
  ownCanaryTarget(): { address: IpAddress; port: number } | undefined
  /** For each door. */
  readonly timeoutMs: number
}

class Unusable extends Error {
  override name = 'Unusable'
}

/**
 * Tests a peer's three doors at the addresses its signed descriptor lists, and nowhere else (perspective-access.md 4, step 6): the ORPort
 * by link, identities, a circuit and its own descriptor over BEGIN_DIR; the DirPort by the same over HTTP; the PAPort by a canary that must
 * come out of it and reach us.
 */
export class Prober {
  readonly #options: ProberOptions

  constructor(options: ProberOptions) {
    this.#options = options
  }

  /** Never rejects, but for the abort of `signal`. */
  async probe(fingerprint: string, signal: AbortSignal): Promise<ProbeResult> {
    const { directory, timeoutMs } = this.#options
    const descriptor = directory.descriptor(fingerprint)
    if (!descriptor) return { usable: false, door: 'or', reason: 'its descriptor is not known' }
    const { address, orPort } = descriptor
    if (isSpecialAddress(address) && !this.#options.relay.options.allowPrivate(address, orPort)) {
      return { usable: false, door: 'or', reason: 'its address is none of the public network' }
    }
    const tests: [Door, (descriptor: ServerDescriptor, signal: AbortSignal) => Promise<void>][] = [
      ['or', (d, s) => this.#orPort(d, s)],
      ['dir', (d, s) => this.#dirPort(d, s)],
      ['pa', (d, s) => this.#paPort(d, s)],
    ]
    for (const [door, test] of tests) {
      try {
        await test(descriptor, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]))
      } catch (error) {
        signal.throwIfAborted()
        return { usable: false, door, reason: error instanceof Error ? `${error.name}: ${error.message}` : 'failed' }
      }
    }
    return { usable: true }
  }

  /** A current descriptor of the same relay, whole and signed; it may be newer than the one we know. */
  #checkOwnDescriptor(answer: { status: number; body: Buffer }, expected: ServerDescriptor): void {
    if (answer.status !== 200) throw new Unusable(`HTTP status ${answer.status}`)
    const got = parseServerDescriptor(answer.body.toString('latin1'))
    if (got.fingerprint !== expected.fingerprint || !got.ed25519Identity.equals(expected.ed25519Identity)) {
      throw new Unusable('it serves the descriptor of another relay')
    }
  }

  async #orPort(descriptor: ServerDescriptor, signal: AbortSignal): Promise<void> {
    const { circuits, client } = this.#options
    const circuit = await circuits.buildAsClient([circuitHop({ descriptor })], signal)
    try {
      const open = async (inner: AbortSignal) => streamDuplex(await circuit.openDirectory({ signal: inner }))
      this.#checkOwnDescriptor(
        await client.get({ kind: 'begindir', open }, '/tor/server/authority', { signal, maxBytes: 40_000 }),
        descriptor,
      )
    } finally {
      circuit.close()
    }
  }

  async #dirPort(descriptor: ServerDescriptor, signal: AbortSignal): Promise<void> {
    const { address, dirPort, perspective } = descriptor
    // Who offers perspective access virtually may have no port open but the ORPort: BEGIN_DIR, just tested, stands for the DirPort.
    if (dirPort === 0 && perspective?.port === 'virtual') return
    if (dirPort === 0) throw new Unusable('its descriptor lists no DirPort')
    const answer = await this.#options.client.get({ kind: 'dirport', address, port: dirPort }, '/tor/server/authority', {
      signal,
      maxBytes: 40_000,
    })
    this.#checkOwnDescriptor(answer, descriptor)
  }

  async #paPort(descriptor: ServerDescriptor, signal: AbortSignal): Promise<void> {
    const { relay, circuits, client, nonces } = this.#options
    const policy = descriptor.perspectivePolicy
    if (!descriptor.perspective) throw new Unusable('its descriptor offers no perspective access')
    if (!policy?.allows(80) || !policy.allows(443)) throw new Unusable('its perspective policy lets no web traffic out')
    const target = this.#options.ownCanaryTarget()
    if (!target) throw new Unusable('we have no address a canary could come back to')
    const nonce = nonces.issue()
    try {
      const link = await openPerspectiveLink({ channels: relay.channels, descriptor, purpose: 'probe', signal })
      try {
        const circuit = await circuits.buildOver(link.channel, [circuitHop({ descriptor })], signal, 'pa')
        const open = async (inner: AbortSignal) =>
          streamDuplex(await circuit.openStream({ host: target.address, port: target.port }, { signal: inner }))
        const answer = await client.get({ kind: 'begindir', open }, nonce.path, { signal, maxBytes: 4096 })
        if (answer.status !== 200 || answer.body.toString('latin1') !== nonce.value) throw new Unusable('the canary came back changed')
        const from = await nonce.seenFrom
        if (from !== descriptor.address) throw new Unusable('the canary came out at another address')
      } finally {
        link.channel.close('probe done')
      }
    } finally {
      nonce.forget()
    }
  }
}
