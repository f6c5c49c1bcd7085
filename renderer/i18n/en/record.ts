import type { Phase } from '../../../shared/relay-phases.ts'
import type { BreakCause, BreakWeight, Milestone } from '../../../shared/relay-record.ts'

/** Words of the waiting room for the relay's own past: milestones, its run and what broke it, its age; for the times of votes; and for what can be done meanwhile. */
export const record = {
  milestones: {
    title: 'Milestones',
    /** The others are flags, which are called the same everywhere. */
    names: { reachable: 'Reached from outside', published: 'Published', served: 'First member served' } satisfies Partial<
      Record<Milestone, string>
    >,
    /** A flag that it had once; `time` is when first. */
    lost: (time: string) => `not now; first ${time}`,
  },
  schedule: {
    nextVote: 'Next vote',
    earliest: 'Listed at the earliest',
    text: 'Before each list the authorities vote. A relay that is published, and that most of them have reached before a vote, is in the list after it.',
    fetched: 'Others fetch a new list within about an hour.',
  },
  run: {
    title: 'Your run',
    length: 'Run so far',
    since: (time: string) => `since ${time}`,
    none: 'Broken off',
    noneNote: 'A new one begins when the relay is back.',
    notBegun: 'Not begun yet',
    notBegunNote: 'It begins when your relay first runs.',
    noBreaks: 'No break is known.',
    caption: 'The last breaks of the run',
    columns: { began: 'Began', lasted: 'Lasted', cause: 'Why', meaning: 'For the authorities' },
    goesOn: 'goes on',
    causes: {
      stopped: 'You stopped it',
      restart: 'It was started anew',
      quit: 'Vantage was quit',
      'cut-off': 'Vantage ended without a word: a crash, or no power',
      blocked: 'It could not start',
      offline: 'No way out to the internet',
      address: 'A new IP address',
      port: 'A new port',
    } satisfies Partial<Record<BreakCause, string>>,
    weights: {
      unseen: 'Usually not noticed',
      maybe: 'Some may have noticed',
      ends: 'Ended the run',
    } satisfies Record<BreakWeight, string>,
    note: 'As this computer knows it. Each authority measures for itself, and only its numbers count.',
  },
  phases: {
    title: 'What is usual at this age',
    low: 'Low traffic now is normal.',
    texts: {
      unmeasured: 'Hardly any traffic: the network has not measured the relay yet.',
      measured: 'The network measures it, and begins to use it.',
      ramp: 'Traffic grows for weeks. If the relay becomes a Guard, it falls at first.',
      steady: 'As busy as it will be. Traffic follows your limit and what was measured.',
    } satisfies Record<Phase, string>,
    /** A number of days with its unit. */
    daysOn: (days: string) => `After more than ${days}`,
    source: 'Counted from the first listing, as the Tor Project describes a new relay’s life. No relay is quite like another.',
  },
  meanwhile: {
    title: 'What you can do meanwhile',
    early: 'Some members let in any running relay, even before it is Stable.',
    onlyStable: 'Those who offer a view let in Stable relays only.',
    look: 'Look through them now',
    missing: 'See what is missing',
    places: 'Keep favourites',
    placesText: 'The map shows where members are, and how many.',
    tor: 'Look through Tor',
    torText: 'Three hops, slower, in a private tab. It works already.',
    limits: 'Tune the limits',
    limitsText: 'Speed, monthly cap and weekly plan.',
  },
}
