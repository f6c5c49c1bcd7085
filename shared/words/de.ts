import type { HostWords } from './en.ts'
import { plurals } from './plural.ts'

const count = plurals<'one' | 'other'>('de')

/** German; terms as in renderer/i18n/de.ts. */
export const de: HostWords = {
  status: {
    consent: 'Wartet auf Ihre Zustimmung',
    starting: 'Startet',
    ports: 'Öffnet die Ports',
    publishing: 'Meldet sich an',
    'waiting-for-listing': 'Wartet darauf, gelistet zu werden',
    'waiting-for-stable': 'Leitet weiter, wartet auf Stable',
    relaying: 'Leitet weiter',
    unlocked: 'Leitet weiter, Perspektiven offen',
    blocked: 'Etwas braucht Sie',
    stopped: 'Angehalten',
    paused: 'Ruht',
  },
  pausedUntil: time => `Ruht bis ${time}`,
  limited: rate => `Begrenzt auf ${rate}`,
  pauseReasons: {
    person: 'Sie wollten eine Pause',
    sleep: 'Der Computer schläft',
    cap: 'Die Monatsgrenze ist erreicht',
    metered: 'Dieses Netz kostet nach Volumen',
    battery: 'Läuft mit Akku',
    plan: 'Ihr Wochenplan',
  },
  today: (sent, received) => `Heute ↑ ${sent} ↓ ${received} für Tor`,
  circuits: n => count(n, { one: 'ein Kanal', other: '# Kanäle' }),
  total: bytes => `Insgesamt ${bytes} für Tor`,
  balance: (given, used) => `Perspektiven heute: gegeben ${given}, genutzt ${used}`,
  balanceShort: (given, used) => `Mitglieder ${given} · Sie ${used}`,
  perspective: choice => `Perspektive: ${choice}`,
  openPage: 'Dort eine Seite öffnen',
  favourites: 'Favoriten',
  recents: 'Zuletzt benutzt',
  lists: 'Listen',
  countries: 'Länder',
  locked: 'Länder sind gesperrt; das Fenster sagt, warum',
  pause: 'Pause machen',
  pauseHalfHour: '30 Minuten',
  pauseTomorrow: time => `Bis ${time}`,
  pauseRestart: 'Bis zum nächsten Start von Vantage',
  pauseCost: 'Eine Pause über etwa 45 Minuten beendet den Lauf, der für Stable zählt.',
  resume: 'Jetzt weitermachen',
  limit: 'Grenze für jetzt',
  limitFull: rate => `Wie eingestellt: ${rate}`,
  limitPart: (percent, rate) => `${percent}: ${rate}`,
  megabits: number => `${number} Mbit/s`,
  start: 'Relay starten',
  show: 'Vantage zeigen',
  quit: 'Beenden',
  quitEnds: 'Beenden (das Relay geht offline)',
  choice: {
    off: 'Aus',
    any: 'Irgendwo',
    unknownCountry: 'Unbekannter Ort',
    relay: fingerprint => `Das Relay ${fingerprint}`,
    relayIn: (name, country) => `${name} (${country})`,
    lostList: 'Eine gelöschte Liste',
    tor: 'Tor, drei Sprünge',
    torTo: country => `Tor, drei Sprünge, ${country}`,
    countryWith: (country, relays) => `${country} (${relays})`,
  },
  notices: {
    unlocked: {
      title: 'Ihr Blick ist frei',
      body: 'Mitglieder lassen Sie jetzt ein. Wählen Sie ein Land und sehen Sie sich das Web von dort an.',
    },
    'lost-running': {
      title: 'Ihr Relay gilt nicht mehr als laufend',
      body: 'Die Autoritäten konnten es nicht erreichen. Die Startseite sagt, was gesehen wurde.',
    },
    'lost-stable': {
      title: 'Ihr Relay gilt nicht mehr als stabil',
      body: 'Mitglieder, die das verlangen, weisen Sie vorerst vielleicht ab. Durchlaufen bringt es zurück.',
    },
    'ports-closed': {
      title: 'Ein Port ist zu',
      body: ports => `Von außen ist nicht zu erreichen: ${ports}. Vielleicht hat Ihr Router ihn vergessen.`,
    },
    overload: {
      title: 'Ihr Relay hat zu viel zu tun',
      body: 'Mitglieder, die durch Sie sehen, warten, damit Tor vorgeht. Eine niedrigere Grenze hilft vielleicht.',
    },
    'cap-near': { title: 'Die Monatsgrenze ist nah', body: (used, limit) => `${used} von ${limit} sind verbraucht.` },
    'cap-reached': {
      title: 'Die Monatsgrenze ist erreicht',
      body: limit => `Ihr Relay ruht nach ${limit}. Das Fenster sagt, bis wann.`,
    },
    'old-build': {
      title: 'Dieses Vantage ist alt',
      body: days =>
        `${count(days, { one: 'Es wurde vor einem Tag gebaut.', other: 'Es wurde vor # Tagen gebaut.' })} Sein Browser-Teil hat vielleicht bekannte Lücken: Holen Sie sich ein neueres.`,
    },
    'network-asks-more': {
      title: 'Das Netz verlangt mehr, als diese Version kann',
      body: lacks => `Die Autoritäten wollen, dass jedes Relay ${lacks} kennt. Holen Sie sich ein neueres Vantage.`,
    },
  },
  runsOn: {
    title: 'Vantage leitet weiter',
    body: 'Starten Sie es noch einmal oder benutzen Sie sein Symbol, um das Fenster zu sehen. „Beenden“ steht im Menü des Symbols.',
  },
  cancel: 'Abbrechen',
  quitQuestion: {
    title: 'Vantage beenden?',
    text: 'Ihr Relay geht offline. Eine Pause unter etwa zwanzig Minuten fällt meist nicht auf; eine längere beendet den Lauf, der für Stable zählt.',
    quit: 'Beenden',
  },
  closeQuestion: {
    title: 'Das Fenster schließen?',
    text: 'Dieser Desktop hat keinen Platz für das Symbol von Vantage. Das Relay kann ohne Fenster weiterlaufen; starten Sie Vantage noch einmal, um es zu sehen.',
    runOn: 'Ohne Fenster weiterlaufen',
    quit: 'Beenden (das Relay geht offline)',
  },
  startProblems: {
    'data-folder-in-use': 'Ein anderes Vantage benutzt dieselben Daten. Suchen Sie sein Symbol, oder beenden Sie es zuerst.',
    'data-folder-unreadable': 'Der Ordner für seine Daten lässt sich nicht lesen oder schreiben.',
    'proxy-port-in-use': 'Ein anderes Programm benutzt den Port des lokalen Proxys.',
    'network-file-invalid': 'Die Datei, die das Netz nennt, ist nicht zu verstehen.',
    'crypto-self-test-failed': 'Dieser Bau rechnet falsch mit Schlüsseln und läuft deshalb nicht. Holen Sie einen anderen.',
    other: 'Etwas Unerwartetes ist geschehen. Was davon bekannt ist:',
  },
  cannotStart: 'Vantage kann nicht starten',
}
