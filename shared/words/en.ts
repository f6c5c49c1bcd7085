import { plurals } from './plural.ts'

const count = plurals<'one' | 'other'>('en')

/**
 * Words of the tray, the desktop's notifications and the main process's own questions, in English; the shape that every other language fills.
 * Times, sizes, rates and names of countries come in ready, by Intl. Menus have little room: be short.
 */
export const en = {
  /** One line in the tray's menu: what the relay does. The keys are the steps of the journey. */
  status: {
    consent: 'Waiting for your consent',
    starting: 'Starting',
    ports: 'Opening ports',
    publishing: 'Publishing',
    'waiting-for-listing': 'Waiting to be listed',
    'waiting-for-stable': 'Relaying, waiting to be called stable',
    relaying: 'Relaying',
    unlocked: 'Relaying, perspectives open',
    blocked: 'Something needs you',
    stopped: 'Stopped',
    paused: 'Resting',
  },
  /** `time` is a clock time, with its day when that is not today. */
  pausedUntil: (time: string) => `Resting until ${time}`,
  limited: (rate: string) => `Limited to ${rate}`,
  /** Why the relay rests: a few words, also shown alone. */
  pauseReasons: {
    person: 'You asked for a break',
    sleep: 'The computer sleeps',
    cap: 'The monthly cap is reached',
    metered: 'This network is paid by volume',
    battery: 'Running on battery',
    plan: 'Your weekly plan',
  },
  /** What was carried today; ↑ sent, ↓ received. */
  today: (sent: string, received: string) => `Today ↑ ${sent} ↓ ${received} for Tor`,
  circuits: (n: number) => count(n, { one: 'one circuit', other: '# circuits' }),
  /** In all the time that the contribution book keeps. */
  total: (bytes: string) => `In all ${bytes} for Tor`,
  balance: (given: string, used: string) => `Perspectives today: given ${given}, used ${used}`,
  /** The same in the tooltip, which has little room: what members had of us, and we of them. */
  balanceShort: (given: string, used: string) => `Members ${given} · you ${used}`,
  /** `choice` is a country, a relay or “Off”. */
  perspective: (choice: string) => `Perspective: ${choice}`,
  /** The same while pages go through it. Nothing may make it sound safer. */
  perspectiveOn: (choice: string) => `Perspective: ${choice} (one hop, not anonymous)`,
  openPage: 'Open a page there',
  favourites: 'Favourites',
  recents: 'Last used',
  lists: 'Lists',
  countries: 'Countries',
  locked: 'Countries are locked; the window says why',
  pause: 'Take a break',
  pauseHalfHour: '30 minutes',
  /** `time` is the morning hour at which the break ends. */
  pauseTomorrow: (time: string) => `Until ${time}`,
  pauseRestart: 'Until Vantage starts again',
  pauseCost: 'A break over about 45 minutes ends the run that counts for Stable.',
  resume: 'Go on now',
  limit: 'Limit for now',
  limitFull: (rate: string) => `As set: ${rate}`,
  /** `percent` is how much of the usual limit. */
  limitPart: (percent: string, rate: string) => `${percent}: ${rate}`,
  /** Megabits (10⁶ bits) a second. */
  megabits: (number: string) => `${number} Mbit/s`,
  start: 'Start relaying',
  show: 'Show Vantage',
  quit: 'Quit',
  quitEnds: 'Quit (the relay goes offline)',
  choice: {
    off: 'Off',
    any: 'Anywhere',
    unknownCountry: 'Unknown place',
    /** The beginning of a relay’s fingerprint, when its name is not known. */
    relay: (fingerprint: string) => `Relay ${fingerprint}`,
    relayIn: (name: string, country: string) => `${name} (${country})`,
    /** A list that was deleted. */
    lostList: 'A deleted list',
    tor: 'Tor, three hops',
    torTo: (country: string) => `Tor, three hops, ${country}`,
    countryWith: (country: string, relays: string) => `${country} (${relays})`,
  },
  /** The desktop’s notifications: a title and one or two sentences. */
  notices: {
    unlocked: {
      title: 'Your view is open',
      body: 'Members let you in now. Choose a country and look at the web from there.',
    },
    'lost-running': {
      title: 'Your relay is not listed as running',
      body: 'The authorities could not reach it. Look at the Home page: it says what was seen.',
    },
    'lost-stable': {
      title: 'Your relay is no longer called stable',
      body: 'Other members that ask for it may turn you away for now. Staying up brings it back.',
    },
    /** `ports` are names such as ORPort, as one list. */
    'ports-closed': {
      title: 'A port is closed',
      body: (ports: string) => `From outside nobody reaches ${ports}. Your router may have forgotten it.`,
    },
    overload: {
      title: 'Your relay has too much to do',
      body: 'Members who look through you wait, so that Tor goes first. A lower limit may help.',
    },
    'cap-near': { title: 'The monthly cap is near', body: (used: string, limit: string) => `${used} of ${limit} are used.` },
    'cap-reached': {
      title: 'The monthly cap is reached',
      body: (limit: string) => `Your relay rests after ${limit}. The window says until when.`,
    },
    'old-build': {
      title: 'This Vantage is old',
      body: (days: number) =>
        `${count(days, { one: 'It was built a day ago.', other: 'It was built # days ago.' })} Its browser part may have known holes: get a newer one.`,
    },
    /** `lacks` are names of protocols, such as Relay=5. */
    'network-asks-more': {
      title: 'The network asks for more than this version can',
      body: (lacks: string) => `The authorities want every relay to know ${lacks}. Get a newer Vantage.`,
    },
  },
  runsOn: {
    title: 'Vantage goes on relaying',
    body: 'Start it again, or use its icon, to see the window. Quit is in the icon’s menu.',
  },
  cancel: 'Cancel',
  /** What a right click on a page, a link or a field offers. */
  pageMenu: {
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select all',
    openLink: 'Open link in a new tab',
    copyLink: 'Copy link address',
  },
  quitQuestion: {
    title: 'Quit Vantage?',
    text: 'Your relay goes offline. A break under about twenty minutes is usually not noticed; a longer one ends the run that counts for Stable.',
    quit: 'Quit',
  },
  /** Where the desktop has no tray, closing the window asks. */
  closeQuestion: {
    title: 'Close the window?',
    text: 'This desktop has no place for Vantage’s icon. The relay can go on without a window; start Vantage again to see it.',
    runOn: 'Go on without a window',
    quit: 'Quit (the relay goes offline)',
  },
  /** Why it cannot start; the code and the facts stand below. The keys are codes of problems. */
  startProblems: {
    'data-folder-in-use': 'Another Vantage uses the same data. Look for its icon, or end it first.',
    'data-folder-unreadable': 'The folder for its data cannot be read or written.',
    'proxy-port-in-use': 'Another program uses the port of the local proxy.',
    'network-file-invalid': 'The file that names the network cannot be understood.',
    'crypto-self-test-failed': 'This build reckons wrongly with keys, so it does not run. Get another one.',
    other: 'Something unexpected happened. What is known of it:',
  },
  cannotStart: 'Vantage cannot start',
}

export type HostWords = typeof en
