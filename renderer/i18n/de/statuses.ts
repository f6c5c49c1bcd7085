import type { Catalogue } from '../en.ts'

export const statuses: Catalogue['statuses'] = {
  0: { short: 'Lässt Sie ein', meaning: 'Das Relay lässt Sie durch sich ins Web sehen.' },
  1: {
    short: 'Hat Ihr Relay nicht erkannt',
    meaning: 'Ihr Relay konnte dort seine Identität nicht beweisen. Wenn das so bleibt, starten Sie es neu.',
  },
  2: {
    short: 'Kennt Ihr Relay noch nicht',
    meaning: 'Ihr Relay steht noch nicht in seiner Liste. Bis neue Einträge bei allen sind, vergehen einige Stunden.',
  },
  3: {
    short: 'Hält Ihr Relay für nicht erreichbar',
    meaning: 'In seiner Liste hat Ihr Relay kein Running. Die Autoritäten prüfen von selbst wieder.',
  },
  4: {
    short: 'Will ein Relay mit Stable',
    meaning: 'Es lässt nur Relays ein, die bei den Autoritäten Stable heißen. Ihres heißt noch nicht so.',
  },
  5: {
    short: 'Sie kamen von einer anderen Adresse',
    meaning: 'Ihre Verbindung kam nicht von der Adresse, mit der Ihr Relay gelistet ist. Das macht ein VPN oder eine neue Adresse.',
  },
  6: {
    short: 'Kam nicht durch Ihren Relay-Port',
    meaning: 'Es hat Ihren ORPort geprüft und konnte ihn nicht benutzen. Prüfen Sie Ihre Ports auf der Startseite.',
  },
  7: {
    short: 'Kam nicht durch Ihren Verzeichnis-Port',
    meaning: 'Es hat Ihren DirPort geprüft und konnte ihn nicht benutzen. Prüfen Sie Ihre Ports auf der Startseite.',
  },
  8: {
    short: 'Kam nicht durch Ihren Perspektiv-Port',
    meaning: 'Es wollte durch Ihren PAPort ins Web, und nichts kam heraus. Sehen Sie Ihre Regeln für Mitglieder an.',
  },
  9: { short: 'Sperrt Sie', meaning: 'Sein Eigentümer hat Ihr Relay auf eine Sperrliste gesetzt.' },
  10: {
    short: 'Ihr Anteil ist aufgebraucht',
    meaning: 'Sie haben benutzt, was es Ihnen für jetzt gibt. Anteile wachsen mit dem, was Ihr Relay für andere tut.',
  },
  11: { short: 'Belegt', meaning: 'Es hat gerade keinen Platz.' },
  12: { short: 'Perspektive ist dort aus', meaning: 'Sein Eigentümer hat den Zugang ausgeschaltet.' },
  13: {
    short: 'Seine eigene Liste ist zu alt',
    meaning: 'Es kann niemanden prüfen, bis sein eigenes Verzeichnis wieder frisch ist.',
  },
  14: { short: 'Prüft gerade Ihr Relay', meaning: 'Es prüft eben Ihre drei Ports. Fragen Sie gleich noch einmal.' },
}

export const unknownStatus: Catalogue['unknownStatus'] = {
  short: status => `Abgelehnt (Antwort ${status})`,
  meaning: 'Es gab eine Antwort, die diese Version nicht kennt.',
}
