import type { Refusal } from '../../../shared/toolbar.ts'

/** Why the relay, or our own proxy, opened nothing: a heading and a sentence. “Relay” is a Tor relay. */
type FailureWords = Record<Refusal, readonly [title: string, text: string]>

/** The window in which one looks through others: its tabs, its toolbar, and what it says of pages that do not come. */
export const toolbar = {
  page: 'Page',
  back: 'Back',
  forward: 'Forward',
  address: 'Address',
  reload: 'Reload',
  stop: 'Stop loading',
  noAddress: 'Not a web address. One looks like example.org.',
  encrypted: 'Encrypted',
  notEncrypted: 'Not encrypted',

  tabs: 'Tabs',
  newTab: 'New tab',
  /** `title` is the page’s own. */
  closeTab: (title: string) => `Close ${title}`,
  /** Button: a tab through three Tor relays. */
  privateTab: 'Private tab',
  privateTabHint: 'Through Tor, three hops. It shares nothing with the other tabs.',
  newIdentity: 'New identity',
  newIdentityHint: 'This tab forgets everything and begins anew.',

  /** In front of a list of countries. */
  seenFrom: 'Seen from',
  anywhere: 'anywhere',
  /** A way, not a place: three relays of Tor. */
  torWay: 'Tor, three hops',
  torTo: (country: string) => `Tor, three hops to ${country}`,
  /** `relay` is its name. */
  throughRelay: (relay: string) => `through ${relay}`,
  oneHop: 'One hop, not anonymous: the relay there knows your address and what you visit.',
  tor: 'No relay knows both you and the page. Slower; a page can still recognise your browser.',

  zoom: 'Zoom',
  zoomReset: (percent: string) => `Zoom ${percent}, back to normal`,
  find: 'Find in page',
  findNext: 'Next',
  findPrevious: 'Previous',
  findEnd: 'End the search',
  found: (at: string, of: string) => `${at} of ${of}`,
  foundNothing: 'Not found',

  downloads: 'Downloads',
  /** `name` is a file’s. */
  saveQuestion: (name: string) => `Save “${name}”?`,
  /** `size` is “3.1 MB”, `host` a site, `place` a country or “Tor, three hops”. */
  saveFacts: (size: string, host: string, place: string) => `${size} from ${host}, arriving by way of: ${place}.`,
  sizeUnknown: 'Unknown size',
  savePlain: 'It is not encrypted: the relay there can read and change it.',
  save: 'Save…',
  dontSave: 'Don’t save',
  saving: (name: string, size: string) => `${name}: ${size} so far`,
  cancelDownload: 'Cancel',
  saved: (name: string) => `${name} is saved. It was not opened.`,
  showSaved: 'Show in folder',
  notSaved: (name: string) => `${name} did not arrive whole, and nothing was kept.`,
  forgetDownload: 'Dismiss',

  emptyTitle: 'Where to?',
  emptyText: 'Type an address above. This tab knows nothing of the other tabs, nor they of it.',
  tryAgain: 'Try again',
  goBack: 'Go back',
  /** Ends each message about a page that did not come. */
  nothingDirect: 'Nothing was loaded directly.',
  /** Before Chromium’s name of the error, which stays as it is. */
  errorName: 'Error',
  proxyGone: ['This perspective has ended', 'Its way out is gone. Open a new tab, or take a new identity.'],
  failedTitle: 'The page did not come',
  failedText: 'The connection broke, or the site said nothing that could be shown.',
  failures: {
    general: ['The page did not come', 'The relay there could not open it, and did not say why.'],
    'not-allowed': [
      'The relay there does not let this out',
      'Its owner allows certain ports only, or has refused us. Look from elsewhere.',
    ],
    locked: ['Looking through others is locked', 'Your relay lacks something that perspectives ask for. The Vantage window says what.'],
    'no-relay': ['Nobody is there', 'No relay of this perspective can be had now. Look from elsewhere, or try again later.'],
    'network-unreachable': [
      'The relays there do not answer',
      'None of this perspective could be reached. Look from elsewhere, or try again later.',
    ],
    'host-unreachable': ['There is no way to this site', 'The relay there found none.'],
    'name-unknown': ['There is no such site', 'Nobody knows this name where you look from. Is it spelled right?'],
    'connection-refused': ['The site does not answer', 'It refused the connection.'],
    timeout: ['The site does not answer', 'It was given time, and said nothing.'],
    'command-unsupported': ['The page did not come', 'It wants something that cannot be had this way.'],
  } satisfies FailureWords as FailureWords,

  /** `host` is a site’s name. */
  certificateTitle: (host: string) => `${host} could not prove who it is`,
  certificateText:
    'Somebody on the way, the relay included, may want to read or change what you see. There is no way past this; another perspective may be honest.',
  certificateCauses: {
    date: 'Its certificate has run out, or is not valid yet. Is your clock right?',
    name: 'Its certificate is for another name.',
    authority: 'Nobody whom your computer trusts vouches for its certificate.',
    revoked: 'Its certificate was taken back.',
    weak: 'Its certificate is too weak to prove anything.',
    other: 'Its certificate is not in order.',
  },
  certificateFor: 'Issued to',
  certificateBy: 'Issued by',
  certificateTime: 'Valid',
  /** Two days. */
  certificateSpan: (from: string, until: string) => `from ${from} until ${until}`,

  plainTitle: (host: string) => `${host} does not answer encrypted`,
  plainText: 'Without encryption the relay there, and everybody between it and the site, can read and change everything, passwords too.',
  loadPlain: 'Load it without encryption',

  crashedTitle: 'This page has crashed',
  crashedText: 'Your relay and the other tabs go on.',
}
