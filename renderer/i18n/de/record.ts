import type { Catalogue } from '../en.ts'

export const record: Catalogue['record'] = {
  milestones: {
    title: 'Wegmarken',
    names: { reachable: 'Von außen erreicht', published: 'Angemeldet', served: 'Erstes Mitglied bedient' },
    lost: time => `zurzeit nicht; zuerst ${time}`,
  },
  schedule: {
    nextVote: 'Nächste Abstimmung',
    earliest: 'Frühestens gelistet',
    text: 'Vor jeder Liste stimmen die Autoritäten ab. Ein Relay, das angemeldet ist und das die meisten vor einer Abstimmung erreicht haben, steht in der Liste danach.',
    fetched: 'Andere holen eine neue Liste innerhalb von etwa einer Stunde.',
  },
  run: {
    title: 'Ihre Laufzeit',
    length: 'Bisher ohne Unterbrechung',
    since: time => `seit ${time}`,
    none: 'Unterbrochen',
    noneNote: 'Eine neue beginnt, wenn das Relay wieder da ist.',
    noBreaks: 'Keine Unterbrechung bekannt.',
    caption: 'Die letzten Unterbrechungen',
    columns: { began: 'Begann', lasted: 'Dauerte', cause: 'Warum', meaning: 'Für die Autoritäten' },
    goesOn: 'dauert an',
    causes: {
      stopped: 'Sie haben es angehalten',
      restart: 'Es wurde neu gestartet',
      quit: 'Vantage wurde beendet',
      'cut-off': 'Vantage endete ohne Abschied: Absturz oder kein Strom',
      blocked: 'Es konnte nicht starten',
      offline: 'Kein Weg ins Internet',
      address: 'Eine neue IP-Adresse',
      port: 'Ein neuer Port',
    },
    weights: {
      unseen: 'Meist nicht bemerkt',
      maybe: 'Manche haben es vielleicht bemerkt',
      ends: 'Beendete die Laufzeit',
    },
    note: 'So weiß es dieser Computer. Jede Autorität misst selbst, und nur ihre Zahlen gelten.',
  },
  phases: {
    title: 'Was in diesem Alter üblich ist',
    low: 'Wenig Verkehr ist jetzt normal.',
    texts: {
      unmeasured: 'Kaum Verkehr: das Netz hat das Relay noch nicht gemessen.',
      measured: 'Das Netz misst es und beginnt, es zu benutzen.',
      ramp: 'Der Verkehr wächst über Wochen. Wird das Relay ein Guard, nimmt er zuerst ab.',
      steady: 'So belebt, wie es sein wird. Der Verkehr folgt Ihrer Grenze und dem Gemessenen.',
    },
    daysOn: days => `Nach mehr als ${days}`,
    source:
      'Gezählt ab der ersten Liste, wie das Tor-Projekt das Leben eines neuen Relays beschreibt. Kein Relay ist ganz wie ein anderes.',
  },
  meanwhile: {
    title: 'Was Sie inzwischen tun können',
    early: 'Manche Mitglieder lassen jedes laufende Relay ein, auch bevor es Stable ist.',
    onlyStable: 'Wer einen Blick anbietet, lässt nur Relays mit Stable ein.',
    look: 'Jetzt durch sie sehen',
    missing: 'Sehen, was fehlt',
    places: 'Favoriten merken',
    placesText: 'Die Karte zeigt, wo Mitglieder sind und wie viele.',
    tor: 'Durch Tor sehen',
    torText: 'Drei Sprünge, langsamer, in einem privaten Tab. Das geht schon.',
    limits: 'Grenzen einstellen',
    limitsText: 'Tempo, Monatsgrenze und Wochenplan.',
  },
}
