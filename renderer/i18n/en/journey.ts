import type { Habit } from '../../../shared/settings.ts'
import type { HabitVerdict } from '../../../shared/stable-forecast.ts'
import type { Journey } from '../../../shared/state.ts'
import { count } from './count.ts'

/*
 * For translators. Names of Tor stay as they are, because other programs and pages show them so: Tor, ORPort, DirPort, PAPort, and the flags
 * Running, Stable, Fast, Guard, Exit, Valid, V2Dir, HSDir. “Relay” is a computer that carries Tor’s traffic; “authority” one of the nine
 * that make the public list; “member” another owner of a relay who lets us look through it; “perspective” the view of the web from such a
 * place. “Door” is our word for a port that others come in by. Nothing may promise anonymity or a date.
 */

export type Step = Journey['step']
/** The stages of the way, as the line at the top shows them. */
export type Stage = 'agree' | 'ports' | 'publish' | 'listed' | 'stable' | 'look'

export const stages: Record<Stage, string> = {
  agree: 'Agree',
  ports: 'Open the ports',
  publish: 'Publish',
  listed: 'Get listed',
  stable: 'Become stable',
  look: 'Look around',
}

/** Each step: its heading, what is happening, and how it is announced to a screen reader when it begins. */
export const steps: Record<Step, { readonly title: string; readonly lead: string; readonly announcement: string }> = {
  consent: {
    title: 'See the web from somewhere else',
    lead: 'Your computer becomes a relay of Tor: a network of volunteers’ computers that pass traffic on, so that it is hard to watch who visits what. Once the network calls your relay stable, you may look at the web from other members’ places.',
    announcement: 'Waiting for your agreement.',
  },
  starting: {
    title: 'Starting your relay',
    lead: 'Keys are read, cryptography is tested, and the list of relays is fetched and checked. This goes on by itself; on a working connection it usually takes less than a minute.',
    announcement: 'Your relay is starting.',
  },
  ports: {
    title: 'Opening your ports',
    lead: 'Others must be able to reach your relay. A port is a numbered door of your computer; it counts as open only when somebody came through it from outside. Testing goes on by itself and usually takes a few minutes.',
    announcement: 'Ports are being opened and tested from outside.',
  },
  publishing: {
    title: 'Telling the network',
    lead: 'Your relay’s description goes to the directory authorities, the few computers that make Tor’s public list of relays, and is read back to be sure.',
    announcement: 'Ports are proved. Your relay is being published.',
  },
  'waiting-for-listing': {
    title: 'Waiting to be listed',
    lead: 'The directory authorities make Tor’s public list of relays. They test yours and vote; when most of them reach it, it appears in their next list.',
    announcement: 'Published. Waiting for the authorities to list your relay.',
  },
  'waiting-for-stable': {
    title: 'Listed. Now prove that you stay',
    lead: 'Your relay is at work. Each authority measures how long it keeps running, and calls it Stable when that is long enough.',
    announcement: 'Your relay is listed and at work. Waiting for the authorities to call it Stable.',
  },
  relaying: {
    title: 'A stable relay of Tor',
    lead: 'Your relay is listed, stable and at work. Perspective stays locked, because you have not chosen to share yours.',
    announcement: 'Your relay is stable and at work. Perspective is not shared.',
  },
  unlocked: {
    title: 'Your view is open',
    lead: 'The network calls your relay stable. Members let you look at the web from their places now.',
    announcement: 'Perspective is unlocked. You can browse through other members now.',
  },
  blocked: {
    title: 'Something is in the way',
    lead: 'Vantage cannot clear this alone. Here is what it saw, and what you can do.',
    announcement: 'Something is in the way.',
  },
  paused: {
    title: 'Your relay is resting',
    lead: 'Nothing is carried for others just now, and perspective is locked. It goes on by itself when the reason is gone.',
    announcement: 'Your relay is resting.',
  },
  stopped: {
    title: 'Your relay is stopped',
    lead: 'Nothing is carried for others, and perspective is locked, until you start it again.',
    announcement: 'Your relay is stopped.',
  },
}

/** How a computer runs. Each stands alone as the name of a choice. */
export const habits: Record<Habit, string> = {
  always: 'Always on',
  'short-restarts': 'A quick restart each week',
  'weekly-break': 'Off for two hours each week',
  'nightly-sleep': 'Sleeps eight hours each night',
  evenings: 'On for six hours a day',
  'daily-address': 'A new IP address each day',
}
export const habitHints: Record<Habit, string> = {
  always: 'Days and nights, with one address.',
  'short-restarts': 'Breaks under twenty minutes are usually not noticed.',
  'weekly-break': 'A break over 45 minutes ends the run.',
  'nightly-sleep': 'Or is switched off at night.',
  evenings: 'Only while somebody uses it.',
  'daily-address': 'Some providers change it every night.',
}

/** The page of the name and the limit, between agreeing and starting. */
export const details = {
  title: 'A name and a limit',
  lead: 'Nothing runs yet. Say what your relay is called and how much it may carry, or go on with the usual values. Settings can change all of it later.',
  announcement: 'A name and a limit for your relay.',
  nameTitle: 'Its name',
  suggest: 'Suggest another',
  contactHint:
    'Recommended: an e-mail address, so that the Tor people can tell you when something is wrong. It is public and spammers read it, so use one made for this.',
  limitTitle: 'How much it may carry',
  rate: 'At most, in each direction (Mbit/s)',
  rateHint: 'About half of what your line can send is a good start. The smallest is 0.6.',
  /** `rate` is a number, `month` is like “3.2 TB”. Mbit/s are millions of bits, as providers count. */
  ceiling: (rate: string, month: string) => `At most ${rate} Mbit/s, about ${month} a month, in each direction.`,
  habitTitle: 'How this computer runs',
  habit: 'Most of the time',
  /** What the habit means for being called Stable. `ceiling` is a duration: where the time between failures levels off. */
  verdicts: {
    possible: () => 'Run like this, your relay can become Stable. The authorities decide, and nobody can promise when.',
    doubtful: (ceiling: string) =>
      `Run like this, its time between failures levels off at ${ceiling}. By the authorities’ published rule that may be too little for Stable.`,
    never: (ceiling: string) =>
      `With this plan the authorities will not call your relay Stable: its time between failures stays at ${ceiling}, and their published rule asks for days. It helps Tor all the same, but perspective stays locked at most members.`,
  } satisfies Record<HabitVerdict, (ceiling: string) => string>,
  usual: 'Start with the usual values',
  errors: { rate: 'Enter a number from 0.6 to 80,000.' },
}

export const starting = {
  keys: 'Identity keys',
  keysReady: 'Ready',
  directory: 'List of relays',
  directoryNone: 'Being fetched',
  directoryOld: (relays: number) => `${count(relays, { one: '# relay', other: '# relays' })}, too old; a new one is being fetched`,
  directoryLive: (relays: number) => `${count(relays, { one: '# relay', other: '# relays' })}, fresh`,
  listening: 'Listening',
}

export const ports = {
  caption: 'Your three doors',
  names: { or: 'Relay port', dir: 'Directory port', pa: 'Perspective port' },
  purposes: {
    or: 'Tor traffic from other relays and users',
    dir: 'The list of relays, for whoever asks',
    pa: 'Members who browse through you',
  },
  columns: { listening: 'This computer listens', mapping: 'Your router passes it on', proof: 'Seen from outside' },
  off: 'Off',
  virtualText: 'Has no door of its own: members come in by the relay port.',
  /** `port` is a port number, written without groups. */
  listening: (port: number) => `Port ${port}`,
  notListening: 'Not listening yet',
  mapping: {
    off: 'Not asked for',
    'not-needed': 'Not needed',
    asking: 'Asking the router…',
    /** `method` is a name: PCP, NAT-PMP or UPnP. */
    by: (method: string) => `by ${method}`,
    failed: 'Not opened',
  },
  proof: {
    untested: 'Not tested yet',
    testing: 'Being tested…',
    proved: (by: number) => count(by, { one: 'Proved by # relay', other: 'Proved by # relays' }),
    failed: 'Not reachable',
  },
  retest: 'Test again',
  retesting: 'Testing…',
  waysTitle: 'What you can do',
  byHandTitle: 'Open them by hand in your router',
  byHandText:
    'If your router does not do it by itself, add these lines under “port forwarding” (some call it “virtual server”). Give this computer a fixed address in the router first.',
  /** What the router’s own page is called. */
  byHandName: (name: string) => `Your router calls itself “${name}”; with that name and “port forwarding” its manual is found.`,
  byHandRouter: 'The router’s own page is usually here',
  byHandComputer: 'This computer, as the router knows it',
  byHandColumns: { protocol: 'Protocol', outside: 'Outside port', inside: 'To this computer, port' },
  mappingFailures: {
    'no-gateway': ['No router found', 'This computer sees no router on its network.'],
    'no-answer': [
      'The router did not answer',
      'It cannot be asked to open ports (by UPnP, NAT-PMP or PCP), or that is turned off. Turn it on in the router, or open the port by hand.',
    ],
    refused: ['The router said no', 'It knows the question and refused. Allow it in the router’s settings, or open the port by hand.'],
    'port-taken': ['The router gives this port to another', 'Another device holds the same outside port. Choose another port in Settings.'],
    'address-shared': [
      'Your provider shares one address',
      'The router’s own address is not public (carrier-grade NAT). Ask your provider for a public IPv4 address.',
    ],
    'double-nat': [
      'Two routers in a row',
      'The router stands behind another one. Put one of them into bridge mode, or open the port on both.',
    ],
    'router-disagrees': [
      'The router says yes, outside says no',
      'It reports an open port, but nothing arrives. Open the port by hand, or start the router again.',
    ],
  } as Record<string, readonly [string, string]>,
  proofFailures: {
    timeout: [
      'No connection arrived',
      'Something between the internet and this computer drops it: router or firewall. Open the port by hand, and allow Vantage in the firewall.',
    ],
    'connection-refused': [
      'Turned away',
      'The connection reached a device that does not pass it on. Check that the forwarding leads to this computer.',
    ],
    'wrong-identity': [
      'Another program answered',
      'At this address and port somebody else answers. Check that the forwarding leads to this computer.',
    ],
    'address-unknown': [
      'Your public address is not known yet',
      'Nobody outside has told us yet. Wait a minute, or enter your IPv4 address in Settings.',
    ],
    'no-tester': ['Nobody could test it', 'No relay was found that could try from outside. Vantage tries again.'],
    'not-usable': ['Open, but of no use', 'Connections arrive, but nothing went through. Look at your policies in Settings.'],
    'no-network': ['You are offline', 'This computer has no connection at the moment.'],
  } as Record<string, readonly [string, string]>,
  otherFailure: (reason: string) => `Reason: ${reason}`,
}

export const publishing = {
  caption: 'What each directory authority answered',
  authority: 'Authority',
  answer: 'Answer',
  readBack: 'Read back',
  answers: {
    waiting: 'On its way',
    accepted: 'Accepted',
    'not-new': 'Has it already',
    rejected: 'Refused',
    unreachable: 'Not reachable',
  },
  readBackYes: 'Found there',
  readBackNo: 'Not yet',
  /** An authority’s own words in quotation marks; they are English and stay so. */
  itsWords: (text: string) => `“${text}”`,
  summary: (accepted: number, all: number) => `${accepted} of ${all} have it`,
}

export const waiting = {
  nextConsensus: 'Next list',
  nextConsensusUnknown: 'Not known yet',
  votesTitle: 'What the authorities say of you',
  caption: 'Votes of the directory authorities on your relay',
  verdictListing: (count: number, needed: number) => `${count} reach your relay, ${needed} are needed`,
  verdictStable: (count: number, needed: number) => `${count} call it Stable, ${needed} are needed`,
  decide: 'The authorities decide, by their own measurements. Nobody can promise you a date.',
  columns: {
    authority: 'Authority',
    listed: 'Lists you',
    running: 'Running',
    stable: 'Stable',
    mtbf: 'Time between failures',
    known: 'Known for',
    wfu: 'Time up',
  },
  /** Both are durations, such as “12 days 19 hr”. */
  wants: (mtbf: string, uptime: string | undefined) => (uptime ? `wants ${mtbf}, or ${uptime} up` : `wants ${mtbf}`),
  noVotes: 'No vote has been read yet. They are fetched once after every list.',
  notFetched: 'Not read yet',
  published: 'Published',
  callStable: 'Votes for Stable',
  needed: (needed: number) => `${needed} are needed`,
  tipsTitle: 'What helps it become Stable',
  tips: [
    ['Leave it running.', 'Nights too: a computer that sleeps eight hours every night is never called stable.'],
    ['Short restarts are fine.', 'Breaks under about twenty minutes are usually not noticed.'],
    ['Keep your address.', 'A new IP address ends the run in the authorities’ eyes.'],
    ['Little traffic at first is normal.', 'The network measures a new relay for days before it sends much.'],
  ],
}

/** The what-if card of the waiting room. It never names a date for Stable. */
export const whatIf = {
  title: 'What if…',
  estimate: 'Estimate from the authorities’ published rules; they decide.',
  habit: 'If from now on this computer is',
  /** `needed` authorities of `all` must agree. */
  until: (needed: number, all: number) => `Until ${needed} of ${all} authorities would say Stable`,
  assumption: 'If nothing else interrupts it, and their thresholds stay about as they are in today’s votes.',
  ceiling: 'Time between failures',
  levels: (ceiling: string) => `levels off at ${ceiling}`,
  grows: 'grows as long as the run lasts',
  already: 'Reached by their numbers',
  never: 'Not within a year',
  /** From a number of days on; by the stricter reading of the rule, never. */
  orNever: (days: string) => `${days} at the earliest, or not within a year`,
  /** How two readings of the rule make a range. */
  readings:
    'The lower end takes the rule’s “at least seven days” at its word; the upper end asks for each authority’s own threshold and a tenth more, for it moves.',
  show: 'Each authority',
  columns: { authority: 'Authority', wants: 'Wants', reached: 'Reached after' },
  unknown: 'No estimate yet: too few authorities have published numbers about your relay.',
  contradicted: (authority: string) =>
    `No estimate: ${authority} votes otherwise than the published rule says. What counts are the votes above.`,
}

export const unlocked = {
  choose: 'Choose where to look from',
  sinceStart: 'since it started',
  openPage: 'Open a page',
  youGave: 'You carried for Tor',
  membersUsed: 'Members browsed through you',
  youUsed: 'You browsed through members',
  available: (relays: number, countries: number) =>
    `${count(relays, { one: '# relay', other: '# relays' })} in ${count(countries, { one: '# country', other: '# countries' })}`,
  availableNone: 'No member offers a view right now',
  reminder: 'One hop, not anonymous. For anonymity use Tor Browser.',
}

export const relaying = {
  since: 'In this state since',
  join: 'Share your perspective',
  joinText: 'Members let each other in: whoever lets them browse from here may browse from their places.',
}

export const blocked = {
  retest: 'Test again',
  settings: 'Open Settings',
  start: 'Try again',
  move: 'Use another port',
  moveTitle: 'Move to another port?',
  moveText: 'The authorities count a relay at another ORPort as one that begins anew: the run so far, which counts for Stable, ends.',
  moved: (doors: string) => `Moved: ${doors}.`,
}
export const stopped = { start: 'Start the relay', kept: 'It comes back as the same relay, with its name and its keys.' }
export const problemsTitle = (problems: number) => count(problems, { one: 'One thing needs a look', other: '# things need a look' })
export const stageStates = { done: 'done', now: 'now', next: 'to come' }
/** A stage of the way and how it stands: “Publish: done”. */
export const stageLabel = (name: string, state: string) => `${name}: ${state}`
export const stagesTitle: string = 'The way to your view'
