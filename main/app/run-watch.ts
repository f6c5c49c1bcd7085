import type { AppState } from '../../shared/state.ts'
import type { EventVoice } from './event-voice.ts'
import type { RelayRun } from './relay-run.ts'
import { publicationOf } from './state-sections.ts'

/** So many alarms are kept. */
const MAX_ALARMS = 20

/** What a running relay reports that no service keeps: the authorities' answers and alarms; and the events that come of it. */
export class RunWatch {
  publications: AppState['relay']['publications'] = []
  /** When the first authority accepted us, ms. */
  publishedAt: number | undefined
  alarms: AppState['server']['alarms'] = []
  readonly #voice: EventVoice
  readonly #onChange: () => void

  constructor(options: { voice: EventVoice; onChange: () => void }) {
    this.#voice = options.voice
    this.#onChange = options.onChange
  }

  watch(run: RelayRun): void {
    const { node, mapper, client } = run
    const said = new Map<string, string>()
    node.selfTest.onProof.add((port, proof) => {
      const decided = proof.state === 'proved' || proof.state === 'failed'
      if (decided && said.get(port) !== proof.state) {
        said.set(port, proof.state)
        this.#voice.event('reachable', { port, proved: proof.state === 'proved' })
      }
      this.#onChange()
    })
    node.publication.onResult.add(result => {
      const entry = publicationOf(result, Date.now())
      this.publications = [...this.publications.filter(other => other.authority !== entry.authority), entry]
      if (entry.answer === 'accepted' || entry.answer === 'not-new') this.publishedAt ??= Date.now()
      this.#voice.event('published', { authority: entry.authority, answer: entry.answer, confirmed: entry.readBack })
      this.#onChange()
    })
    node.server.onAlarm.add(alarm => {
      this.alarms = [...this.alarms, { ...alarm, at: Date.now() }].slice(-MAX_ALARMS)
      this.#voice.event('alarm', { kind: alarm.kind, peer: alarm.fingerprint })
      this.#onChange()
    })
    node.server.onPause.add(() => this.#onChange())
    node.server.onAdmitted.add(peer => this.#voice.event('admitted', { peer }))
    node.server.onRefused.add((peer, status) => this.#voice.event('refused', { peer: peer ?? null, status }))
    mapper?.onChange.add((port, state) => {
      if (state.state === 'mapped') this.#voice.event('mapped', { port, method: state.method, external: state.externalPort })
      void node.retestAll()
      this.#onChange()
    })
    client.onChange.add(() => this.#onChange())
  }

  /** The relay has stopped: what authorities said of it is of the past. */
  forget(): void {
    this.publications = []
    this.publishedAt = undefined
  }
}
