import type { ProblemCode } from '../../../shared/problem.ts'

/** What a person is told of one problem: what happened, why, and the ways on. Facts come beside it from the problem's detail. */
export interface ProblemWords {
  readonly title: string
  readonly cause: string
  readonly next: readonly string[]
}

export const problems: Record<ProblemCode, ProblemWords> = {
  'bad-request': {
    title: 'That could not be used',
    cause: 'The relay program did not accept what was entered.',
    next: ['Check the marked value and try again.'],
  },
  internal: {
    title: 'Something went wrong inside Vantage',
    cause: 'The program met a case that its makers did not foresee.',
    next: ['Try again.', 'If it comes back, start Vantage again and report it with the lines of its log.'],
  },
  'not-found': {
    title: 'That is no longer there',
    cause: 'The relay or place you chose has left the list since it was shown.',
    next: ['Choose another one.'],
  },
  'consent-missing': {
    title: 'Your agreement is missing',
    cause: 'This starts only after you have agreed to it.',
    next: ['Read and agree on the Home page.'],
  },
  'port-in-use': {
    title: 'Another program uses this port',
    cause: 'Two programs cannot listen at the same door of one computer.',
    next: ['Let Vantage use another port, or end the other program.', 'Look whether Vantage or another Tor relay runs already.'],
  },
  'port-not-permitted': {
    title: 'This computer does not allow that port',
    cause: 'Ports below 1024 are kept for system services on most computers.',
    next: ['Let Vantage use another port, or choose one from 1024 upwards in Settings.'],
  },
  'address-not-here': {
    title: 'That address is not of this computer',
    cause: 'A program can listen only at addresses that belong to the computer it runs on.',
    next: ['Clear the address in Settings, so that it is learned from the network, or enter one of this computer.'],
  },
  'data-folder-in-use': {
    title: 'Vantage is already running',
    cause: 'Another Vantage uses the same data folder. One identity must never run twice.',
    next: ['Use the one that runs, or quit it first.'],
  },
  'data-folder-unreadable': {
    title: 'The data folder cannot be used',
    cause: 'Keys and documents are kept there; it must be readable and writable by you alone.',
    next: ['Give yourself the right to write there, or start Vantage with another folder.', 'Look whether the disk is full.'],
  },
  'key-file-damaged': {
    title: 'A key file is damaged',
    cause: 'The file that holds part of your relay’s identity is not readable. Nothing was overwritten.',
    next: ['Put the file back from a copy.', 'Or move it away: the relay then begins again as a new one, and its reputation with it.'],
  },
  'settings-damaged': {
    title: 'The settings file is damaged',
    cause: 'Some of the saved settings could not be read; for these the usual values are used. The file was kept as it was.',
    next: ['Look through Settings and save them again.'],
  },
  'network-file-invalid': {
    title: 'The network file is not valid',
    cause: 'A private network needs a file with DirAuthority lines as in torrc.',
    next: ['Correct the line that is named, then start again.'],
  },
  'crypto-self-test-failed': {
    title: 'This computer’s cryptography gives wrong answers',
    cause: 'Known calculations came out different, so a relay would not be safe. It has not been started.',
    next: ['Install Vantage again from its original file.', 'If it comes back, the computer’s memory or processor may be faulty.'],
  },
  'no-directory': {
    title: 'No directory of the network can be reached',
    cause: 'None of the directory authorities answered. Either you are offline or this network blocks outgoing Tor.',
    next: ['Check that other programs can reach the internet.', 'Turn off a VPN or firewall that blocks Tor, or use another network.'],
  },
  'directory-not-live': {
    title: 'The list of relays is too old',
    cause: 'Relays are trusted only while they stand in a fresh list signed by the authorities.',
    next: ['Check your connection and your clock; the list renews itself.'],
  },
  'clock-skewed': {
    title: 'Your clock is wrong',
    cause: 'Tor documents are valid for exact times, so a relay with a wrong clock is refused.',
    next: ['Turn on automatic time in your system’s settings, then test again.'],
  },
  'clock-far-off': {
    title: 'Your clock is far off, so nothing is published',
    cause:
      'It differs by more than half an hour from the clocks of other relays and the directory. What your relay signed by it would not be taken.',
    next: ['Turn on automatic time in your system’s settings. Vantage goes on by itself when the clock is right.'],
  },
  'descriptor-rejected': {
    title: 'A directory authority refused your relay',
    cause: 'The authority read your relay’s description and did not take it. Its own words are shown as evidence.',
    next: [
      'Read its words: most often it is the address, the clock or another relay with your name.',
      'Correct the setting and start the relay again.',
    ],
  },
  'provider-shares-address': {
    title: 'Your provider shares one address among many homes',
    cause:
      'The address your router has is not a public one, or not the one that others see (carrier-grade NAT). No setting here can change that.',
    next: [
      'Ask your provider for a public IPv4 address; many give one on request.',
      'Use another connection, or run Vantage on a rented server.',
      'Without a public address you can still help Tor with Snowflake, an extension for your browser.',
    ],
  },
  'not-saved': {
    title: 'It could not be saved',
    cause: 'The disk did not take what should be kept. What was there before is unchanged.',
    next: ['Look whether the disk is full, or no longer writable.', 'Then try again.'],
  },
  offline: {
    title: 'This computer is offline',
    cause: 'There is no way to the internet at all. Your relay comes back by itself when there is.',
    next: ['Check the cable, the Wi-Fi or the flight mode.'],
  },
  'ipv6-only': {
    title: 'This line has no IPv4',
    cause: 'The Tor network lists relays by IPv4 addresses only, and this computer has no way out over IPv4.',
    next: ['Ask your provider for IPv4; some give it on request.', 'Use another connection, or run Vantage on a rented server.'],
  },
  'directory-unverified': {
    title: 'Something answers in Tor’s place',
    cause:
      'What came was not signed by the directory authorities, so none of it was believed. Often a hotel or café network that wants a sign-in first.',
    next: [
      'Open any web page in your browser and sign in if you are asked.',
      'Otherwise use another network; this one tampers with what passes.',
    ],
  },
  'clock-moved': {
    title: 'Your clock was changed',
    cause: 'Nothing was dropped. But authorities and members measure by exact time, and may refuse a relay whose clock jumps.',
    next: ['Turn on automatic time in your system’s settings.'],
  },
  slept: {
    title: 'This computer slept',
    cause: 'For the authorities your relay’s run has ended: they notice breaks over 45 minutes. All ports are being tested again.',
    next: ['Keep the computer awake while it is plugged in, or let Vantage run on one that is always on.'],
  },
  'vpn-active': {
    title: 'A VPN stands before your door',
    cause: 'Your connections leave through a tunnel, so others look for you at the wrong address and do not get in.',
    next: ['Turn the VPN off, or exempt Vantage from it.'],
  },
  'disk-low': {
    title: 'The disk is nearly full',
    cause:
      'Your relay keeps the network’s documents and its own books there. So that there is room for the books, the documents are no longer written; they are fetched again after a start.',
    next: ['Free some space: a few hundred megabytes are enough.'],
  },
  'memory-low': {
    title: 'Memory is nearly used up',
    cause: 'So that Tor’s traffic goes on, your relay holds fewer documents of the network and serves fewer of them at a time.',
    next: ['End programs that you do not need.', 'If it stays so, set a lower limit in Settings, or use a computer with more memory.'],
  },
  'firewall-on': {
    title: 'A firewall of this computer may keep others out',
    cause:
      'It is switched on, and no connection from outside arrives. Whether it has a rule for your relay only an administrator can see; the router may be in the way as well.',
    next: ['Let the ports in, for example by the command that is shown, then test again.'],
  },
  'address-changed': {
    title: 'You have a new address',
    cause:
      'Your relay was published again at once. The authorities still count it as a break, and a new address every day keeps them from calling you stable.',
    next: ['Ask your provider for an address that stays.'],
  },
  'address-crowded': {
    title: 'Other relays share your address',
    cause: 'The authorities list only a few relays of one address. With more than that, the slowest are left out.',
    next: ['If they are yours, stop one of them.', 'Otherwise ask your provider for an address of your own.'],
  },
  'double-nat': {
    title: 'There are two routers in a row',
    cause:
      'Your router’s own address is private: another router stands between it and the internet, and that one does not pass anything on.',
    next: [
      'Switch one of the two into bridge mode.',
      'Or forward the ports in both: the outer one to the inner, the inner one to this computer.',
    ],
  },
  'router-disagrees': {
    title: 'The router says yes, outside says no',
    cause:
      'The router reported the door as open, but no connection from outside arrives. Some routers answer so without doing it; a firewall may be in the way, too.',
    next: [
      'Turn UPnP off and on again in the router, then restart it.',
      'Allow Vantage in this computer’s firewall.',
      'Or add the forwarding by hand: the values are on the Home page.',
    ],
  },
  'port-blocked': {
    title: 'One port is blocked on the way',
    cause:
      'Another port of this computer can be reached from outside in the same way. So it is this one that somebody filters, most likely your provider.',
    next: ['Let Vantage use another port for it, or choose one in Settings.'],
  },
  'proxy-port-in-use': {
    title: 'The local proxy port is taken',
    cause: 'Another program, perhaps Tor Browser, listens at the port where browsers should find Vantage.',
    next: ['Choose another SOCKS or HTTP port in Settings; 0 takes any free one.'],
  },
  'perspective-refused': {
    title: 'The relay refused you',
    cause: 'A member relay looked at yours and did not let it in. Its reason is shown as evidence.',
    next: ['Choose another relay, or clear up the reason.'],
  },
  'perspective-locked': {
    title: 'Perspective is still locked',
    cause: 'Other members accept only relays that serve as theirs do.',
    next: ['The Browse page lists exactly what is missing.'],
  },
  'exit-address-unknown': {
    title: 'It is not known from where you are seen',
    cause:
      'Vantage asks relays that see you, and no third party. No relay that may be asked through this perspective has answered, or they did not agree.',
    next: ['Try again later, or choose another relay.'],
  },
  'practice-single-address': {
    title: 'This system has only one loopback address',
    cause: 'The practice network gives each of its countries an address beginning with 127. This system offers only 127.0.0.1.',
    next: ['On macOS, add the addresses as the manual says, or use a system that has them (Linux, Windows).'],
  },
  'identity-missing': {
    title: 'There is no identity yet',
    cause: 'A relay gets its identity when it starts for the first time.',
    next: ['Start the relay once, then save its identity.'],
  },
  'identity-moved': {
    title: 'This relay was moved to another computer',
    cause: 'Its identity was saved for a move, so it must not run here as well: two relays with one identity ruin its reputation.',
    next: [
      'Go on using it on the other computer.',
      'If the move did not happen, say so under Safety, Identity: the relay then runs here again.',
    ],
  },
  'identity-exists': {
    title: 'There is another identity here',
    cause: 'This installation has a relay identity of its own. It is put aside only when you agree to that.',
    next: ['Tick the box that puts it aside, then import again.'],
  },
  'identity-runs-elsewhere': {
    title: 'This relay still runs somewhere else',
    cause: 'The network has seen it publish since this file was written. One identity must never run twice.',
    next: ['Stop it on the other computer first.', 'If you have done so, say so and import again.'],
  },
  'identity-other-network': {
    title: 'This identity is of another network',
    cause: 'An identity stays in the network it was made in: the practice network and the Tor network do not mix.',
    next: ['Import it where Vantage runs in that network.'],
  },
  'identity-file-damaged': {
    title: 'That is no whole identity file',
    cause: 'The file is damaged, cut off, or something else. Nothing was changed.',
    next: ['Choose the file that Vantage saved, as it was saved.', 'Take another copy of it if there is one.'],
  },
  'identity-file-newer': {
    title: 'That file was written by a newer Vantage',
    cause: 'Its form is not known here. Nothing was changed.',
    next: ['Install the newest Vantage, then import it.'],
  },
  'password-wrong': {
    title: 'The password does not open the file',
    cause: 'The file is whole, but it was saved with another password. Nothing was changed.',
    next: ['Try again; capital letters count, and so do spaces.'],
  },
}

/** Names of the facts in a problem's detail. A fact without a name here is shown under its own. */
export const detailNames: Record<string, string> = {
  address: 'Address',
  asleep: 'Asleep for',
  authority: 'Authority',
  before: 'Until now',
  call: 'Question',
  closed: 'Closed',
  command: 'Command',
  country: 'Country',
  expected: 'Expected',
  field: 'Setting',
  file: 'File',
  firewall: 'Firewall',
  folder: 'Folder',
  found: 'Found',
  free: 'Room left',
  interface: 'Connection',
  keptAs: 'Kept as',
  lost: 'Could not be read',
  limit: 'Listed at most',
  line: 'Line',
  method: 'Method',
  movedSeconds: 'Your clock went',
  nickname: 'Relay',
  open: 'Open',
  option: 'Option',
  path: 'Place',
  pid: 'Process',
  port: 'Port',
  program: 'Program',
  reason: 'Reason',
  relay: 'Relay',
  relays: 'Relays there',
  retryAfter: 'Ask again after',
  seen: 'Others see',
  skewSeconds: 'Your clock is',
  status: 'Answer',
  text: 'Its words',
  user: 'Its account',
  which: 'Door',
}

/** How far a clock is off, and how far it was set; `duration` is like “7 min 11 sec”. */
export const clock = {
  slow: (duration: string) => `${duration} slow`,
  fast: (duration: string) => `${duration} fast`,
  forward: (duration: string) => `${duration} forward`,
  back: (duration: string) => `${duration} back`,
}
