import { count } from './count.ts'

export const consent = {
  lookAround: 'Look at the app first',
  goOn: 'Go on',
  setUp: 'Start my relay',
  saveSharing: 'Agree to sharing',
  needRelay: 'Tick the first box to go on. Without it nothing starts.',
  sharingNeedsRelay: 'Sharing your perspective needs a relay: tick the first box as well.',
  withoutSharing: 'You can go on with the relay alone. Perspective then stays locked; you can join later.',
  /** Some of the statements are ticked, `left` are not. */
  sharingUnfinished: (left: number) =>
    count(left, {
      one: 'One tick is missing for sharing. As it is you go on with the relay alone.',
      other: '# ticks are missing for sharing. As it is you go on with the relay alone.',
    }),
  withSharing: 'You agree to both. You can withdraw either in Settings at any time, at once.',
  /** What everybody should know before agreeing to anything: in a few words, and what they mean. */
  facts: [
    [
      'One hop is fast, but not anonymous.',
      'The relay you look through knows your address and what you visit. For anonymity use Tor Browser.',
    ],
    ['If you join, members browse from your address.', 'Web sites then see it as the source. You decide about this below, by itself.'],
  ],
  practice: 'This is the practice network: the questions are the real ones, but all of it happens inside this computer.',
  relay: {
    title: 'Be a relay',
    agree: 'I agree to run a Tor relay on this connection',
    points: [
      ['Your IP address becomes public.', 'It is in a list that anyone can read, and that is archived for good.'],
      [
        'Others’ encrypted traffic passes through.',
        'It goes to other relays, never from you to a web site, unless you choose that in Settings.',
      ],
      ['A few web sites treat relay addresses badly.', 'They may show you puzzles or block you, even at home.'],
    ],
  },
  perspective: {
    title: 'Share your perspective',
    /** What the second agreement is for, and what is without it. */
    intro:
      'Optional: members let each other look at the web from their places. Without this your relay helps Tor all the same, and looking through others stays locked.',
    points: [
      [
        'Tor’s own advice is not to run exits at home.',
        'Sharing is narrower: only members, and only those ports. It still is your address.',
      ],
      [
        'Laws differ by country.',
        'What you may have to answer for, and to whom, depends on where you live. Vantage cannot advise you. Read what those say who know:',
      ],
    ],
    /** Pages of others, in English; their addresses stand below these names, to be copied. */
    pages: { eff: 'EFF: legal questions of relay operators', tor: 'Tor: legal and other help for relay operators' },
    /** What the person says by ticking, in the first person. All three together are the agreement. */
    agree: 'I agree that members browse from my address, and I from theirs. I tick each of these, because it is so:',
    statements: {
      exits: ['Members’ browsing exits from my address.', 'Web sites see it as the source, and someone may ask me about it.'],
      visible: [
        'It is not anonymous, for me or for them.',
        'The relay I look through knows my address and what I visit. I know the same of members.',
      ],
      line: [
        'I am of age and may decide about this line.',
        'Whoever owns it or shares it with me agrees, be it family, housemates or an employer, and the provider’s terms allow it.',
      ],
    },
    left: (left: number) => count(left, { one: 'One is left to tick.', other: '# are left to tick.' }),
    agreed: 'All are ticked: you agree to share.',
    usualPorts: 'web pages (ports 80 and 443)',
    /** The usual ports in words, or what the owner wrote, comes behind it. */
    reach: 'What members may reach at first:',
  },
}

/** Questions about agreements that were given before. `date` is a day. */
export const consentNotices = {
  relayChanged: {
    title: 'The text about being a relay has changed',
    text: (date: string) => `You agreed to an earlier one on ${date}. Please read it and decide again.`,
  },
  sharingChanged: {
    title: 'The text about sharing says more now',
    text: (date: string) =>
      `You agreed to a shorter one on ${date}. Who may decide about the line, your provider’s terms and the laws of your country are new in it. Until you have read it nothing is shared; your relay goes on as it is.`,
  },
  read: 'Read and decide',
  leave: 'Do not share',
  elsewhere: {
    title: 'You seem to be on another line',
    /** Both are local networks, such as “192.168.178.0/24”, or several of them as a list. */
    text: (agreed: string, now: string) =>
      `When you agreed to share, this computer was in the network ${agreed}; now it is in ${now}. Members’ browsing exits from the line you are on. If it is not yours, ask whoever owns it. A router that was set up anew looks the same.`,
    goOn: 'I may share this line too',
    stop: 'Stop sharing',
  },
}
