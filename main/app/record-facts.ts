import type { BreakCause, Milestone } from '../../shared/relay-record.ts'
import type { AppState, PortState } from '../../shared/state.ts'
import type { RecordFacts } from './record-keeper.ts'

/** What the relay's record is made of, taken from what the window shows. `quitting`: the program is about to end. */
export function recordFactsOf(state: AppState, quitting: boolean): RecordFacts {
  const { relay, ports, network } = state
  const reached: [Milestone, boolean][] = [
    ['reachable', ports.or.proof.state === 'proved'],
    ['published', relay.publications.some(({ answer }) => answer === 'accepted' || answer === 'not-new')],
    ['running', relay.flags.includes('Running')],
    ['fast', relay.flags.includes('Fast')],
    ['v2dir', relay.flags.includes('V2Dir')],
    ['stable', relay.flags.includes('Stable')],
    ['served', relay.perspectiveServed.streams > 0],
  ]
  return {
    up: upOf(state, quitting),
    fingerprint: relay.fingerprint,
    address: relay.address,
    // The practice network begins anew with this program, and so do its doors.
    port: network.kind === 'practice' ? undefined : provedPort(ports.or),
    reached: reached.flatMap(([name, is]) => (is ? [name] : [])),
    listed: relay.running && network.consensus?.live ? relay.flags.includes('Running') : undefined,
    observed: relay.observed,
  }
}

/** The number by which others have come in. */
function provedPort({ proof, mapping, listening }: PortState): number | undefined {
  if (proof.state !== 'proved') return undefined
  return mapping.state === 'mapped' ? mapping.externalPort : listening?.port
}

function upOf({ relay, background, journey, problems }: AppState, quitting: boolean): true | BreakCause {
  const { standing } = background
  if (relay.running) return problems.some(({ code, standing: stands }) => code === 'offline' && stands) ? 'offline' : true
  if (quitting) return 'quit'
  if (standing.state === 'paused') return standing.causes[0]!.reason
  if (journey.step === 'blocked') return 'blocked'
  return journey.step === 'stopped' || journey.step === 'consent' ? 'stopped' : 'restart'
}
