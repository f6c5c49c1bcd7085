/** Words of the About page. */
export const about = {
  title: 'About Vantage',
  lead: 'A real Tor relay on your computer, and in return a fast view of the web from the places of others who do the same.',
  version: 'Version',
  host: 'Runs as',
  hosts: { electron: 'Desktop', headless: 'Program without windows, shown in your browser' },
  network: 'Network',
  countryData: 'Country data',
  countryDataUnknown: 'ip-location-db',
  /** Who announces an address on the Internet ("AS 13335, Cloudflare"): a table that comes with the program. */
  systemData: 'Data on networks (AS)',
  /** Follows the name, date, makers and licence of that table; the licence asks to say that it was changed ("repacked"). */
  systemDataNote: 'Repacked for this program. A hint: such tables have mistakes.',
  systemDataNone: 'None here; countries and address ranges stand for it.',
  up: 'Started',
  isTitle: 'What it is',
  is: [
    'A Tor relay written for this program: it carries encrypted traffic of people who need Tor.',
    'A club of relays: members who keep theirs up let each other look at the web from their places.',
    'Free, with no account, no token, no money and no ranking.',
  ],
  isNotTitle: 'What it is not',
  isNot: [
    'Not anonymous. One hop hides you from nobody who can ask the relay. For anonymity use Tor Browser.',
    'Not a VPN. Only programs that you point at it go through it; everything else stays as it is.',
    'Not made or endorsed by the Tor Project.',
    'Not exact about places. Countries come from a public table of addresses, which is sometimes wrong.',
  ],
  licencesTitle: 'Licences',
  licences:
    'Vantage is free software under the BSD 3-Clause licence. It holds the work of others, with thanks: libraries, and tables about Internet addresses.',
  /** Only in the desktop program. The two names are files. */
  licencesElectron:
    'The window is made with Electron, Chromium and Node.js; their licences are in LICENSE.electron.txt and LICENSES.chromium.html beside the program.',
  licencesShow: 'Show what is in it, with licences',
  /** Nothing to list: run from a source checkout whose bundle was never built. */
  licencesNone: 'This is a checkout that was not built. Each library’s licence lies in its folder under node_modules.',
  /** The text of one component's licence, for screen readers. */
  licenceOf: (name: string) => `Licence of ${name}`,
}
