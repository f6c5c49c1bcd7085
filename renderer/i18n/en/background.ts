import { count } from './count.ts'

/**
 * Words of breaks, the weekly plan, the monthly cap and the app’s manners in the background. “Break” and “rest” are our words for a time in which the
 * relay does not run though its owner wants it. Times, sizes, rates and names of days come in ready, by Intl.
 */
export const background = {
  paused: {
    why: 'Why it rests',
    until: (time: string) => `until ${time}`,
    /** Behind a reason whose end nobody can know. */
    asLong: {
      person: 'until Vantage starts again',
      sleep: 'until the computer is awake',
      cap: 'until the next month',
      metered: 'while you are in this network',
      battery: 'until the computer is plugged in',
      plan: 'all week, as planned',
    },
    /** `inTime` is like “in 18 minutes”. */
    goesOnAt: (time: string, inTime: string) => `It goes on by itself at ${time}, ${inTime}.`,
    runEndsAt: (time: string) => `If it rests beyond about ${time}, the run that counts for Stable ends.`,
    runEnded: 'It has rested so long that the run which counts for Stable is over; a new one begins when it goes on.',
    settings: 'Plan and limits',
    capHelp: 'To go on sooner, raise the monthly cap or empty it in Settings.',
  },
  pauseTitle: 'Take a break?',
  pauseAsk: 'How long',
  pauseNow: 'Take the break',
  pauseLocked: 'Until it goes on, perspective is locked, too.',
  share: 'Limit for now',
  /** `percent` of the usual limit. */
  sharePart: (percent: string) => `${percent} of it`,
  shareAll: 'All of it',
  limitedBy: {
    person: (rate: string) => `You hold it to ${rate} for now.`,
    plan: (rate: string) => `Your plan holds it to ${rate} for now.`,
  },
  line: {
    upload: 'What your line can send (Mbit/s)',
    uploadHint: 'As your provider says, or as a speed test of your choice measured. Half of it is a good limit.',
    /** `rate` is like “20 Mbit/s”. */
    take: (rate: string) => `Take half: ${rate}`,
    bad: 'Enter a number above 1.2.',
    /** `rate` as measured by the relay itself, and the day. */
    observed: (rate: string, day: string) =>
      `The most this relay carried in ten seconds, in each direction: ${rate}, on ${day}. It measured that on its own traffic, and tested nothing.`,
    observedLimit: 'That is about your present limit, so the line may well be able to do more.',
    observedHalf: (rate: string) =>
      `Half of it is ${rate}. The line can do at least as much as was seen; it was perhaps never asked for more.`,
    notMeasured:
      'Vantage does not test your line: that would take a server of somebody else, or load Tor for nothing. Once the relay carries traffic, its own best seconds are shown here.',
  },
  cap: {
    title: 'Monthly cap',
    cap: 'Gigabytes a month, both ways',
    capHint: 'Empty: no cap. When it is nearly reached the relay rests until the next month.',
    day: 'The month begins on day',
    dayHint: '1 to 28, as on your provider’s bill.',
    /** `used` of this month; `day` is when the next begins. */
    used: (used: string, day: string) => `${used} used; counted anew on ${day}.`,
    usedOf: (used: string, limit: string, day: string) => `${used} of ${limit} used; counted anew on ${day}.`,
    /** `days` is a number of days with its unit. */
    reached: (days: string) => `At the full limit the cap is reached after ${days}; then the relay rests for the remainder of the month.`,
    reachedMeasured: (days: string) =>
      `At what it carried so far the cap is reached after ${days}; then the relay rests for the remainder of the month.`,
    notReached: 'At this limit the cap is never reached.',
    notReachedMeasured: 'At what it carried so far the cap is not reached.',
    bad: 'Enter a number from 1 to 10,000,000, or leave it empty.',
    badDay: 'Enter a whole number from 1 to 28.',
    meter: 'Used of the monthly cap',
  },
  plan: {
    title: 'Weekly plan',
    none: 'The relay runs all week. Add a time in which it rests, or is held to a lower limit.',
    add: 'Add a time',
    days: 'Days',
    from: 'From',
    to: 'To',
    toHint: 'Up to the same time or an earlier one: of the next day.',
    does: 'In this time',
    kinds: { rest: 'It rests', limit: 'It is held to a limit' },
    rate: 'Limit (Mbit/s)',
    put: 'Put it into the plan',
    remove: 'Remove',
    /** Two clock times. */
    hours: (from: string, to: string) => `${from} to ${to}`,
    /** One line of the plan: `days` is a list, `hours` as above. */
    rests: (days: string, hours: string) => `${days}, ${hours}: rests`,
    limits: (days: string, hours: string, rate: string) => `${days}, ${hours}: at most ${rate}`,
    daily: 'Every day',
    noDay: 'Choose a day.',
    badRate: 'Enter a number from 0.6 to 80,000.',
    full: (spans: number) =>
      count(spans, { one: 'The plan holds # time; remove it first.', other: 'The plan holds # times at most; remove one first.' }),
    legend: { rest: 'rests', limit: 'limited', now: 'now' },
    clock: 'By the clock of this computer, summer time and all.',
    verdict: 'What this means for Stable',
  },
  when: {
    title: 'When it runs',
    battery: 'Rest on battery',
    batteryHints: {
      battery: 'This computer runs on battery now.',
      plugged: 'This computer is plugged in now.',
      unknown: 'This computer does not say what it runs on, or has no battery: nothing would change.',
    },
    metered: 'Rest in networks paid by volume',
    meteredHints: {
      metered: 'The system says that this network is paid by volume.',
      unmetered: 'The system says that this network is not paid by volume.',
      unknown: 'The system does not say (only NetworkManager on Linux does): tick such networks yourself.',
    },
    thisNetwork: 'This network is paid by volume',
    /** `id` is the interface’s name and its addresses. */
    networkHint: (id: string) => `Now: ${id}. A network is told by these alone, so another one with the same may be taken for it.`,
    noNetwork: 'No network is seen now.',
    others: (networks: number) => count(networks, { one: 'One other network is ticked.', other: '# other networks are ticked.' }),
    forget: 'Forget them',
  },
  computer: {
    title: 'On this computer',
    login: 'Start when I log in',
    loginHint: 'In the tray, without a window. The same relay goes on.',
    loginNot: 'This way of running cannot start by itself; on a server, use a service of the system.',
    awake: 'Keep the computer awake',
    awakeHint: 'While it is plugged in and the relay runs. The screen may go dark.',
    awakeNow: 'It is being kept awake now.',
    awakeNot: 'Only the desktop program can do this.',
  },
  notices: {
    title: 'Notifications',
    lead: 'Shown by your desktop, made on this computer.',
    leadHeadless: 'Kept here; the desktop program shows them as notifications.',
    kinds: {
      unlocked: 'Perspective is open',
      flags: 'Running or Stable is lost',
      ports: 'A port is closed',
      overload: 'The relay has too much to do',
      cap: 'The monthly cap is near or reached',
      version: 'This version is too old',
    },
    latest: 'The latest',
  },
  jump: 'On this page',
  contrast: 'More contrast',
  contrastHint: 'Stronger lines and plain colours. The system’s own wish is followed, too.',
  build: {
    title: 'Is this version new?',
    /** `age` is like “3 weeks ago”, `day` a date. */
    age: (day: string, age: string) => `Built on ${day}, ${age}.`,
    source: 'It runs from its sources; update those.',
    how: 'Vantage asks nobody for new versions, and never updates itself: there is no server of ours to ask yet. Get a new version where you got this one; your relay keeps its keys and its name.',
    old: 'This build is more than 24 weeks old. Its browser part no longer gets repairs: get a newer one before you look around with it.',
  },
}
