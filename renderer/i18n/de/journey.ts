import type { Catalogue } from '../en.ts'
import { count } from './count.ts'

const relays = { one: '# Relay', other: '# Relays' }

export const journey: Catalogue['journey'] = {
  stages: {
    agree: 'Zustimmen',
    ports: 'Ports öffnen',
    publish: 'Anmelden',
    listed: 'Gelistet',
    stable: 'Stable',
    look: 'Umsehen',
  },
  steps: {
    consent: {
      title: 'Sehen Sie das Web von anderswo',
      lead: 'Sie befördern etwas Verkehr für Tor. Sobald das Netz Ihrem Relay Stable gibt, dürfen Sie das Web von den Orten anderer Mitglieder aus sehen: in einem Sprung, und schnell.',
      announcement: 'Wartet auf Ihre Zustimmung.',
    },
    starting: {
      title: 'Ihr Relay startet',
      lead: 'Schlüssel werden gelesen, die Kryptografie wird geprüft, die Liste der Relays geholt und kontrolliert. Das geht von selbst und dauert meist weniger als eine Minute.',
      announcement: 'Ihr Relay startet.',
    },
    ports: {
      title: 'Ihre Ports werden geöffnet',
      lead: 'Andere Relays müssen Sie erreichen können. Ein Port zählt erst, wenn ihn jemand von außen bewiesen hat. Die Prüfung läuft von selbst und dauert meist ein paar Minuten.',
      announcement: 'Ports werden geöffnet und von außen geprüft.',
    },
    publishing: {
      title: 'Dem Netz Bescheid geben',
      lead: 'Die Beschreibung Ihres Relays geht an jede Verzeichnisautorität und wird zur Sicherheit zurückgelesen.',
      announcement: 'Die Ports sind bewiesen. Ihr Relay wird angemeldet.',
    },
    'waiting-for-listing': {
      title: 'Warten auf den Eintrag',
      lead: 'Die Autoritäten prüfen Ihr Relay und stimmen ab. Wenn die meisten es erreichen, steht es in ihrer nächsten Liste.',
      announcement: 'Angemeldet. Warten, bis die Autoritäten Ihr Relay listen.',
    },
    'waiting-for-stable': {
      title: 'Gelistet. Nun heißt es bleiben',
      lead: 'Ihr Relay arbeitet. Jede Autorität misst, wie lange es am Stück läuft, und gibt ihm Stable, wenn das lange genug ist.',
      announcement: 'Ihr Relay ist gelistet und arbeitet. Warten, bis die Autoritäten ihm Stable geben.',
    },
    relaying: {
      title: 'Ein Tor-Relay mit Stable',
      lead: 'Ihr Relay ist gelistet, hat Stable und arbeitet. Die Perspektive bleibt gesperrt, weil Sie Ihre nicht teilen wollten.',
      announcement: 'Ihr Relay hat Stable und arbeitet. Die Perspektive wird nicht geteilt.',
    },
    unlocked: {
      title: 'Ihr Blick ist frei',
      lead: 'Das Netz gibt Ihrem Relay Stable. Mitglieder lassen Sie nun das Web von ihren Orten sehen.',
      announcement: 'Die Perspektive ist offen. Sie können nun durch andere Mitglieder ins Web.',
    },
    blocked: {
      title: 'Etwas steht im Weg',
      lead: 'Das kann Vantage nicht allein beheben. Hier steht, was es gesehen hat und was Sie tun können.',
      announcement: 'Etwas steht im Weg.',
    },
    paused: {
      title: 'Ihr Relay ruht',
      lead: 'Gerade wird nichts für andere befördert, und die Perspektive ist gesperrt. Es macht von selbst weiter, wenn der Grund weg ist.',
      announcement: 'Ihr Relay ruht.',
    },
    stopped: {
      title: 'Ihr Relay steht still',
      lead: 'Bis Sie es wieder starten, wird nichts für andere befördert, und die Perspektive ist gesperrt.',
      announcement: 'Ihr Relay steht still.',
    },
  },
  consent: {
    lookAround: 'Nur umsehen',
    goOn: 'Weiter',
    setUp: 'Mein Relay starten',
    saveSharing: 'Dem Teilen zustimmen',
    needRelay: 'Setzen Sie den ersten Haken, um weiterzugehen. Ohne ihn beginnt nichts.',
    sharingNeedsRelay: 'Zum Teilen der Perspektive gehört ein Relay: Setzen Sie auch den ersten Haken.',
    withoutSharing: 'Es geht auch mit dem Relay allein. Dann bleibt die Perspektive gesperrt; beitreten können Sie später.',
    sharingUnfinished: left =>
      count(left, {
        one: 'Zum Teilen fehlt ein Haken. So geht es mit dem Relay allein weiter.',
        other: 'Zum Teilen fehlen # Haken. So geht es mit dem Relay allein weiter.',
      }),
    withSharing: 'Sie stimmen beidem zu. In den Einstellungen können Sie jede Zustimmung jederzeit sofort widerrufen.',
    practice: 'Dies ist das Übungsnetz: Die Fragen sind die echten, aber alles geschieht in diesem Computer.',
    relay: {
      title: 'Ein Relay sein',
      agree: 'Ich stimme zu, an diesem Anschluss ein Tor-Relay zu betreiben',
      points: [
        ['Ihre IP-Adresse wird öffentlich.', 'Sie steht in einer Liste, die jeder lesen kann und die für immer archiviert wird.'],
        [
          'Verschlüsselter Verkehr anderer geht hindurch.',
          'Er geht zu anderen Relays, nie von Ihnen zu einer Website, außer Sie wählen das in den Einstellungen.',
        ],
        ['Manche Websites behandeln Relay-Adressen schlecht.', 'Sie zeigen Ihnen vielleicht Rätsel oder sperren Sie aus, auch zu Hause.'],
      ],
    },
    perspective: {
      title: 'Die eigene Perspektive teilen',
      points: [
        [
          'Tor selbst rät davon ab, Ausgänge zu Hause zu betreiben.',
          'Geteilt wird weniger: nur mit Mitgliedern, nur diese Ports. Ihre Adresse bleibt es trotzdem.',
        ],
        [
          'Gesetze sind von Land zu Land verschieden.',
          'Wofür und vor wem Sie sich vielleicht verantworten müssen, hängt davon ab, wo Sie leben. Vantage kann Sie nicht beraten. Lesen Sie, was die sagen, die es wissen:',
        ],
      ],
      pages: { eff: 'EFF: Rechtsfragen von Relay-Betreibern', tor: 'Tor: rechtliche und andere Hilfe für Relay-Betreiber' },
      agree:
        'Ich stimme zu, dass Mitglieder von meiner Adresse ins Web gehen und ich von ihren. Ich kreuze jedes davon an, weil es so ist:',
      statements: {
        exits: [
          'Mitglieder gehen von meiner Adresse ins Web.',
          'Websites sehen sie als Absender, und vielleicht fragt mich jemand danach.',
        ],
        visible: [
          'Es ist nicht anonym, weder für mich noch für die anderen.',
          'Das Relay, durch das ich sehe, kennt meine Adresse und weiß, was ich besuche. Dasselbe weiß ich von Mitgliedern.',
        ],
        line: [
          'Ich bin volljährig und darf über diesen Anschluss entscheiden.',
          'Wem er gehört oder wer ihn mit mir teilt, ist einverstanden, ob Familie, Mitbewohner oder Arbeitgeber, und die Bedingungen des Anbieters erlauben es.',
        ],
      },
      left: left => count(left, { one: 'Ein Haken fehlt noch.', other: '# Haken fehlen noch.' }),
      agreed: 'Alle sind gesetzt: Sie stimmen dem Teilen zu.',
      usualPorts: 'die Web-Ports 80 und 443',
      ports: policy => `Was Mitglieder anfangs durch Sie erreichen dürfen: ${policy}.`,
    },
  },
  consentNotices: {
    relayChanged: {
      title: 'Der Text über den Betrieb eines Relays hat sich geändert',
      text: date => `Einem früheren haben Sie am ${date} zugestimmt. Bitte lesen Sie ihn und entscheiden Sie neu.`,
    },
    sharingChanged: {
      title: 'Der Text über das Teilen sagt jetzt mehr',
      text: date =>
        `Einem kürzeren haben Sie am ${date} zugestimmt. Neu darin ist, wer über den Anschluss entscheiden darf, was der Anbieter erlaubt und dass Gesetze verschieden sind. Bis Sie ihn gelesen haben, wird nichts geteilt; Ihr Relay läuft weiter wie bisher.`,
    },
    read: 'Lesen und entscheiden',
    leave: 'Nicht teilen',
    elsewhere: {
      title: 'Sie sind wohl an einem anderen Anschluss',
      text: (agreed, now) =>
        `Als Sie dem Teilen zustimmten, war dieser Computer im Netz ${agreed}; jetzt ist er in ${now}. Mitglieder gehen von dem Anschluss ins Web, an dem Sie gerade sind. Gehört er nicht Ihnen, fragen Sie, wem er gehört. Ein neu eingerichteter Router sieht genauso aus.`,
      goOn: 'Auch diesen darf ich teilen',
      stop: 'Nicht mehr teilen',
    },
  },
  habits: {
    always: 'Immer an',
    'short-restarts': 'Ein schneller Neustart pro Woche',
    'weekly-break': 'Einmal pro Woche zwei Stunden aus',
    'nightly-sleep': 'Schläft jede Nacht acht Stunden',
    evenings: 'Sechs Stunden am Tag an',
    'daily-address': 'Jeden Tag eine neue IP-Adresse',
  },
  habitHints: {
    always: 'Tag und Nacht, mit einer Adresse.',
    'short-restarts': 'Pausen unter zwanzig Minuten fallen meist nicht auf.',
    'weekly-break': 'Eine Pause über 45 Minuten beendet die Laufzeit.',
    'nightly-sleep': 'Oder wird nachts ausgeschaltet.',
    evenings: 'Nur solange jemand daran sitzt.',
    'daily-address': 'Manche Anbieter wechseln sie jede Nacht.',
  },
  details: {
    title: 'Ein Name und eine Grenze',
    lead: 'Noch läuft nichts. Sagen Sie, wie Ihr Relay heißt und wie viel es befördern darf, oder nehmen Sie die üblichen Werte. Alles lässt sich später in den Einstellungen ändern.',
    announcement: 'Ein Name und eine Grenze für Ihr Relay.',
    nameTitle: 'Sein Name',
    suggest: 'Anderer Vorschlag',
    contactHint:
      'Empfohlen: eine E-Mail-Adresse, damit die Leute von Tor Ihnen sagen können, wenn etwas nicht stimmt. Sie ist öffentlich, und Spammer lesen sie; nehmen Sie eine eigens dafür.',
    limitTitle: 'Wie viel es befördern darf',
    rate: 'Höchstens, je Richtung (Mbit/s)',
    rateHint: 'Etwa die Hälfte dessen, was Ihr Anschluss senden kann, ist ein guter Anfang. Das kleinste ist 0,6.',
    ceiling: (rate, month) => `Höchstens ${rate} Mbit/s, etwa ${month} im Monat, je Richtung.`,
    habitTitle: 'Wie dieser Computer läuft',
    habit: 'Meistens',
    verdicts: {
      possible: () => 'So kann Ihr Relay Stable werden. Die Autoritäten entscheiden, und niemand kann versprechen, wann.',
      doubtful: ceiling =>
        `So pendelt sich die Zeit zwischen Ausfällen ein bei: ${ceiling}. Nach der veröffentlichten Regel der Autoritäten kann das für Stable zu wenig sein.`,
      never: ceiling =>
        `Mit diesem Plan geben die Autoritäten Ihrem Relay kein Stable: Die Zeit zwischen Ausfällen bleibt bei ${ceiling}, und ihre veröffentlichte Regel verlangt Tage. Es hilft Tor trotzdem, aber die Perspektive bleibt bei den meisten Mitgliedern gesperrt.`,
    },
    usual: 'Übliche Werte nehmen',
    errors: { rate: 'Geben Sie eine Zahl von 0,6 bis 80.000 ein.' },
  },
  starting: {
    keys: 'Identitätsschlüssel',
    keysReady: 'Bereit',
    directory: 'Liste der Relays',
    directoryNone: 'Wird geholt',
    directoryOld: amount => `${count(amount, relays)}, zu alt; eine neue wird geholt`,
    directoryLive: amount => `${count(amount, relays)}, frisch`,
    listening: 'Wartet an',
  },
  ports: {
    caption: 'Ihre drei Türen',
    names: { or: 'Relay-Port', dir: 'Verzeichnis-Port', pa: 'Perspektiv-Port' },
    purposes: {
      or: 'Tor-Verkehr anderer Relays und Nutzer',
      dir: 'Die Liste der Relays, für alle, die fragen',
      pa: 'Mitglieder, die durch Sie ins Web gehen',
    },
    columns: { listening: 'Dieser Computer wartet', mapping: 'Ihr Router gibt weiter', proof: 'Von außen gesehen' },
    off: 'Aus',
    virtualText: 'Hat keine eigene Tür: Mitglieder kommen durch den Relay-Port.',
    listening: port => `Port ${port}`,
    notListening: 'Wartet noch nicht',
    mapping: {
      off: 'Nicht verlangt',
      'not-needed': 'Nicht nötig',
      asking: 'Der Router wird gefragt …',
      by: method => `über ${method}`,
      failed: 'Nicht geöffnet',
    },
    proof: {
      untested: 'Noch nicht geprüft',
      testing: 'Wird geprüft …',
      proved: by => count(by, { one: 'Bewiesen von # Relay', other: 'Bewiesen von # Relays' }),
      failed: 'Nicht erreichbar',
    },
    retest: 'Noch einmal prüfen',
    retesting: 'Wird geprüft …',
    waysTitle: 'Was Sie tun können',
    byHandTitle: 'Von Hand im Router öffnen',
    byHandText:
      'Wenn Ihr Router es nicht von selbst tut, tragen Sie diese Zeilen unter „Portweiterleitung“ ein (manche nennen es „Portfreigabe“ oder „virtueller Server“). Geben Sie diesem Computer vorher im Router eine feste Adresse.',
    byHandRouter: 'Die Seite des Routers ist meist hier',
    byHandComputer: 'Dieser Computer, wie der Router ihn kennt',
    byHandColumns: { protocol: 'Protokoll', outside: 'Port außen', inside: 'An diesen Computer, Port' },
    mappingFailures: {
      'no-gateway': ['Kein Router gefunden', 'Dieser Computer sieht in seinem Netz keinen Router.'],
      'no-answer': [
        'Der Router hat nicht geantwortet',
        'Er hat kein UPnP, NAT-PMP oder PCP, oder es ist ausgeschaltet. Schalten Sie eines ein oder öffnen Sie den Port von Hand.',
      ],
      refused: [
        'Der Router sagte Nein',
        'Er kennt die Frage und hat abgelehnt. Erlauben Sie es in den Einstellungen des Routers oder öffnen Sie den Port von Hand.',
      ],
      'port-taken': [
        'Der Router gibt diesen Port einem anderen',
        'Ein anderes Gerät hat denselben Port außen. Wählen Sie in den Einstellungen einen anderen.',
      ],
      'address-shared': [
        'Ihr Anbieter teilt eine Adresse auf',
        'Die Adresse des Routers selbst ist nicht öffentlich (Carrier-Grade NAT). Bitten Sie Ihren Anbieter um eine öffentliche IPv4-Adresse.',
      ],
      'double-nat': [
        'Zwei Router hintereinander',
        'Der Router steht hinter einem weiteren. Stellen Sie einen davon auf Bridge-Modus oder öffnen Sie den Port an beiden.',
      ],
      'router-disagrees': [
        'Der Router sagt Ja, draußen heißt es Nein',
        'Er meldet einen offenen Port, aber nichts kommt an. Öffnen Sie den Port von Hand oder starten Sie den Router neu.',
      ],
    },
    proofFailures: {
      timeout: [
        'Keine Verbindung kam an',
        'Etwas zwischen dem Internet und diesem Computer verwirft sie: Router oder Firewall. Öffnen Sie den Port von Hand und erlauben Sie Vantage in der Firewall.',
      ],
      'connection-refused': [
        'Abgewiesen',
        'Die Verbindung erreichte ein Gerät, das sie nicht weitergibt. Prüfen Sie, ob die Weiterleitung zu diesem Computer führt.',
      ],
      'wrong-identity': [
        'Ein anderes Programm hat geantwortet',
        'An dieser Adresse und diesem Port antwortet jemand anderes. Prüfen Sie, ob die Weiterleitung zu diesem Computer führt.',
      ],
      'address-unknown': [
        'Ihre öffentliche Adresse ist noch nicht bekannt',
        'Noch hat sie uns niemand von außen gesagt. Warten Sie eine Minute oder geben Sie Ihre IPv4-Adresse in den Einstellungen ein.',
      ],
      'no-tester': ['Niemand konnte prüfen', 'Es fand sich kein Relay, das es von außen versuchen konnte. Vantage versucht es wieder.'],
      'not-usable': [
        'Offen, aber nicht zu gebrauchen',
        'Verbindungen kommen an, aber nichts ging hindurch. Sehen Sie Ihre Regeln in den Einstellungen an.',
      ],
      'no-network': ['Sie sind offline', 'Dieser Computer hat zurzeit keine Verbindung.'],
    },
    otherFailure: reason => `Grund: ${reason}`,
  },
  publishing: {
    caption: 'Was jede Verzeichnisautorität geantwortet hat',
    authority: 'Autorität',
    answer: 'Antwort',
    readBack: 'Zurückgelesen',
    answers: {
      waiting: 'Unterwegs',
      accepted: 'Angenommen',
      'not-new': 'Hat sie schon',
      rejected: 'Abgelehnt',
      unreachable: 'Nicht erreichbar',
    },
    readBackYes: 'Dort gefunden',
    readBackNo: 'Noch nicht',
    itsWords: text => `„${text}“`,
    summary: (accepted, all) => `${accepted} von ${all} haben sie`,
  },
  waiting: {
    nextConsensus: 'Nächste Liste',
    nextConsensusUnknown: 'Noch nicht bekannt',
    votesTitle: 'Was die Autoritäten über Sie sagen',
    caption: 'Stimmen der Verzeichnisautoritäten zu Ihrem Relay',
    verdictListing: (reached, needed) => `${reached} erreichen Ihr Relay, ${needed} sind nötig`,
    verdictStable: (stable, needed) => `${stable} geben ihm Stable, ${needed} sind nötig`,
    decide: 'Die Autoritäten entscheiden nach ihren eigenen Messungen. Niemand kann Ihnen ein Datum versprechen.',
    columns: {
      authority: 'Autorität',
      listed: 'Listet Sie',
      running: 'Running',
      stable: 'Stable',
      mtbf: 'Zeit zwischen Ausfällen',
      known: 'Bekannt seit',
      wfu: 'Laufanteil',
    },
    wants: (mtbf, uptime) => (uptime ? `verlangt ${mtbf} oder ${uptime} am Stück` : `verlangt ${mtbf}`),
    noVotes: 'Noch wurde keine Stimme gelesen. Sie werden nach jeder Liste einmal geholt.',
    notFetched: 'Noch nicht gelesen',
    published: 'Angemeldet',
    listedSince: 'Gelistet seit',
    tipsTitle: 'Was inzwischen hilft',
    tips: [
      ['Laufen lassen.', 'Auch nachts: Ein Computer, der jede Nacht acht Stunden schläft, bekommt nie Stable.'],
      ['Kurze Neustarts sind in Ordnung.', 'Pausen unter etwa zwanzig Minuten fallen meist nicht auf.'],
      ['Die Adresse behalten.', 'Eine neue IP-Adresse beendet für die Autoritäten die Laufzeit.'],
      ['Wenig Verkehr am Anfang ist normal.', 'Das Netz misst ein neues Relay tagelang, bevor es viel schickt.'],
    ],
  },
  whatIf: {
    title: 'Was wäre, wenn …',
    estimate: 'Schätzung nach den veröffentlichten Regeln der Autoritäten; sie entscheiden.',
    habit: 'Wenn dieser Computer von nun an so läuft',
    until: (needed, all) => `Bis ${needed} von ${all} Autoritäten Stable sagen würden`,
    assumption: 'Wenn sonst nichts unterbricht und ihre Schwellen etwa so bleiben wie in den heutigen Stimmen.',
    ceiling: 'Zeit zwischen Ausfällen',
    levels: ceiling => `pendelt sich ein bei ${ceiling}`,
    grows: 'wächst, solange der Lauf dauert',
    already: 'Nach ihren Zahlen erreicht',
    never: 'Nicht binnen eines Jahres',
    orNever: days => `Frühestens ${days}, oder nicht binnen eines Jahres`,
    readings:
      'Das untere Ende nimmt das „mindestens sieben Tage“ der Regel beim Wort; das obere verlangt die eigene Schwelle jeder Autorität und ein Zehntel mehr, denn sie wandert.',
    show: 'Jede Autorität',
    columns: { authority: 'Autorität', wants: 'Verlangt', reached: 'Dauer bis dahin' },
    unknown: 'Noch keine Schätzung: Zu wenige Autoritäten haben Zahlen über Ihr Relay veröffentlicht.',
    contradicted: authority =>
      `Keine Schätzung: ${authority} stimmt anders, als die veröffentlichte Regel sagt. Es zählen die Stimmen oben.`,
  },
  unlocked: {
    since: 'Offen seit',
    choose: 'Wählen, von wo Sie sehen',
    youGave: 'Sie beförderten für Tor',
    membersUsed: 'Mitglieder sahen durch Sie',
    youUsed: 'Sie sahen durch Mitglieder',
    available: (amount, countries) => `${count(amount, relays)} in ${count(countries, { one: '# Land', other: '# Ländern' })}`,
    availableNone: 'Kein Mitglied bietet gerade einen Blick an',
    reminder: 'Ein Sprung, nicht anonym. Für Anonymität nehmen Sie den Tor Browser.',
  },
  relaying: {
    since: 'So seit',
    join: 'Die eigene Perspektive teilen',
    joinText: 'Mitglieder lassen einander ein: Wer sie von hier ins Web lässt, darf es von ihren Orten aus sehen.',
  },
  blocked: { retest: 'Noch einmal prüfen', settings: 'Einstellungen öffnen', start: 'Relay starten' },
  stopped: { start: 'Relay starten', kept: 'Es kommt als dasselbe Relay wieder, mit seinem Namen und seinen Schlüsseln.' },
  problemsTitle: problems => count(problems, { one: 'Eine Sache braucht einen Blick', other: '# Sachen brauchen einen Blick' }),
  stageStates: { done: 'erledigt', now: 'jetzt', next: 'kommt noch' },
  stageLabel: (name, state) => `${name}: ${state}`,
  stagesTitle: 'Der Weg zu Ihrem Blick',
}
