import type { Catalogue } from '../en.ts'

export const problems: Catalogue['problems'] = {
  'bad-request': {
    title: 'Das ließ sich nicht verwenden',
    cause: 'Das Relay-Programm hat die Eingabe nicht angenommen.',
    next: ['Prüfen Sie den markierten Wert und versuchen Sie es noch einmal.'],
  },
  internal: {
    title: 'In Vantage ist etwas schiefgegangen',
    cause: 'Das Programm traf auf einen Fall, mit dem seine Macher nicht gerechnet haben.',
    next: ['Versuchen Sie es noch einmal.', 'Kommt es wieder, starten Sie Vantage neu und melden Sie es mit den Zeilen aus dem Protokoll.'],
  },
  'not-found': {
    title: 'Das gibt es nicht mehr',
    cause: 'Das gewählte Relay oder der Ort ist aus der Liste verschwunden, seit sie gezeigt wurde.',
    next: ['Wählen Sie etwas anderes.'],
  },
  'consent-missing': {
    title: 'Ihre Zustimmung fehlt',
    cause: 'Das beginnt erst, wenn Sie zugestimmt haben.',
    next: ['Lesen und zustimmen können Sie auf der Startseite.'],
  },
  'port-in-use': {
    title: 'Ein anderes Programm benutzt diesen Port',
    cause: 'Zwei Programme können nicht an derselben Tür eines Computers warten.',
    next: [
      'Lassen Sie Vantage einen anderen Port nehmen, oder beenden Sie das andere Programm.',
      'Sehen Sie nach, ob Vantage oder ein anderes Tor-Relay schon läuft.',
    ],
  },
  'port-not-permitted': {
    title: 'Dieser Computer erlaubt den Port nicht',
    cause: 'Ports unter 1024 sind auf den meisten Computern für Systemdienste reserviert.',
    next: ['Lassen Sie Vantage einen anderen Port nehmen, oder wählen Sie in den Einstellungen einen ab 1024.'],
  },
  'address-not-here': {
    title: 'Diese Adresse gehört nicht zu diesem Computer',
    cause: 'Ein Programm kann nur an Adressen warten, die der Computer hat, auf dem es läuft.',
    next: ['Leeren Sie die Adresse in den Einstellungen, damit das Netz sie verrät, oder geben Sie eine dieses Computers ein.'],
  },
  'data-folder-in-use': {
    title: 'Vantage läuft schon',
    cause: 'Ein anderes Vantage benutzt denselben Datenordner. Eine Identität darf nie doppelt laufen.',
    next: ['Benutzen Sie das laufende oder beenden Sie es zuerst.'],
  },
  'data-folder-unreadable': {
    title: 'Der Datenordner lässt sich nicht benutzen',
    cause: 'Dort liegen Schlüssel und Dokumente; nur Sie dürfen ihn lesen und beschreiben können.',
    next: [
      'Geben Sie sich dort das Schreibrecht oder starten Sie Vantage mit einem anderen Ordner.',
      'Sehen Sie nach, ob die Festplatte voll ist.',
    ],
  },
  'key-file-damaged': {
    title: 'Eine Schlüsseldatei ist beschädigt',
    cause: 'Die Datei mit einem Teil der Identität Ihres Relays ist nicht lesbar. Nichts wurde überschrieben.',
    next: [
      'Legen Sie die Datei aus einer Sicherung zurück.',
      'Oder räumen Sie sie weg: Dann beginnt das Relay als ein neues, und sein Ruf mit ihm.',
    ],
  },
  'settings-damaged': {
    title: 'Die Einstellungsdatei ist beschädigt',
    cause:
      'Ein Teil der gespeicherten Einstellungen war nicht lesbar; für diesen gelten die üblichen Werte. Die Datei wurde aufgehoben, wie sie war.',
    next: ['Gehen Sie die Einstellungen durch und speichern Sie sie neu.'],
  },
  'network-file-invalid': {
    title: 'Die Netzdatei ist ungültig',
    cause: 'Ein privates Netz braucht eine Datei mit DirAuthority-Zeilen wie in torrc.',
    next: ['Berichtigen Sie die genannte Zeile und starten Sie neu.'],
  },
  'crypto-self-test-failed': {
    title: 'Die Kryptografie dieses Computers rechnet falsch',
    cause: 'Bekannte Rechnungen gingen anders aus, ein Relay wäre also nicht sicher. Es wurde nicht gestartet.',
    next: [
      'Installieren Sie Vantage neu aus der Originaldatei.',
      'Kommt es wieder, sind vielleicht Speicher oder Prozessor des Computers fehlerhaft.',
    ],
  },
  'no-directory': {
    title: 'Kein Verzeichnis des Netzes ist erreichbar',
    cause: 'Keine der Verzeichnisautoritäten hat geantwortet. Entweder sind Sie offline, oder dieses Netz sperrt Tor nach außen.',
    next: [
      'Prüfen Sie, ob andere Programme ins Internet kommen.',
      'Schalten Sie ein VPN oder eine Firewall aus, die Tor sperrt, oder nehmen Sie ein anderes Netz.',
    ],
  },
  'directory-not-live': {
    title: 'Die Liste der Relays ist zu alt',
    cause: 'Relays wird nur vertraut, solange sie in einer frischen, von den Autoritäten unterschriebenen Liste stehen.',
    next: ['Prüfen Sie Ihre Verbindung und Ihre Uhr; die Liste erneuert sich von selbst.'],
  },
  'clock-skewed': {
    title: 'Ihre Uhr geht falsch',
    cause: 'Dokumente von Tor gelten für genaue Zeiten, darum wird ein Relay mit falscher Uhr abgelehnt.',
    next: ['Schalten Sie in den Systemeinstellungen die automatische Uhrzeit ein und prüfen Sie dann noch einmal.'],
  },
  'clock-far-off': {
    title: 'Ihre Uhr geht sehr falsch, darum wird nichts veröffentlicht',
    cause:
      'Sie weicht mehr als eine halbe Stunde von den Uhren anderer Relays und des Verzeichnisses ab. Was Ihr Relay nach ihr unterschreibt, würde niemand annehmen.',
    next: ['Schalten Sie in den Systemeinstellungen die automatische Uhrzeit ein. Geht die Uhr richtig, macht Vantage von selbst weiter.'],
  },
  'descriptor-rejected': {
    title: 'Eine Verzeichnisautorität hat Ihr Relay abgelehnt',
    cause: 'Die Autorität hat die Beschreibung Ihres Relays gelesen und nicht angenommen. Ihre eigenen Worte stehen dabei.',
    next: [
      'Lesen Sie ihre Worte: Meist geht es um die Adresse, die Uhr oder ein anderes Relay mit Ihrem Namen.',
      'Berichtigen Sie die Einstellung und starten Sie das Relay neu.',
    ],
  },
  'provider-shares-address': {
    title: 'Ihr Anbieter teilt eine Adresse auf viele Haushalte auf',
    cause:
      'Die Adresse Ihres Routers ist keine öffentliche oder nicht die, die andere sehen (Carrier-Grade NAT). Keine Einstellung hier kann das ändern.',
    next: [
      'Bitten Sie Ihren Anbieter um eine öffentliche IPv4-Adresse; viele geben auf Wunsch eine.',
      'Nehmen Sie einen anderen Anschluss oder betreiben Sie Vantage auf einem Mietserver.',
      'Auch ohne öffentliche Adresse können Sie Tor mit Snowflake helfen, einer Erweiterung für Ihren Browser.',
    ],
  },
  'not-saved': {
    title: 'Das ließ sich nicht speichern',
    cause: 'Der Datenträger hat nicht angenommen, was aufbewahrt werden soll. Was vorher dort stand, ist unverändert.',
    next: ['Sehen Sie nach, ob der Datenträger voll oder schreibgeschützt ist.', 'Versuchen Sie es dann noch einmal.'],
  },
  offline: {
    title: 'Dieser Computer ist offline',
    cause: 'Es gibt gerade gar keinen Weg ins Internet. Ihr Relay kommt von selbst zurück, sobald es einen gibt.',
    next: ['Prüfen Sie das Kabel, das WLAN oder den Flugmodus.'],
  },
  'ipv6-only': {
    title: 'Dieser Anschluss hat kein IPv4',
    cause: 'Das Tor-Netz führt Relays nur unter IPv4-Adressen, und dieser Computer kommt über IPv4 nicht hinaus.',
    next: [
      'Fragen Sie Ihren Anbieter nach IPv4; manche geben es auf Wunsch.',
      'Nehmen Sie einen anderen Anschluss, oder betreiben Sie Vantage auf einem gemieteten Server.',
    ],
  },
  'directory-unverified': {
    title: 'Etwas antwortet anstelle von Tor',
    cause:
      'Was ankam, war nicht von den Verzeichnisautoritäten unterschrieben; darum wurde nichts davon geglaubt. Oft ist es ein Hotel- oder Café-Netz, das zuerst eine Anmeldung will.',
    next: [
      'Öffnen Sie irgendeine Webseite im Browser und melden Sie sich an, wenn Sie gefragt werden.',
      'Sonst nehmen Sie ein anderes Netz; dieses verfälscht, was hindurchgeht.',
    ],
  },
  'clock-moved': {
    title: 'Ihre Uhr wurde verstellt',
    cause:
      'Nichts ist dabei abgebrochen. Doch Autoritäten und Mitglieder messen nach genauer Zeit und weisen ein Relay, dessen Uhr springt, womöglich ab.',
    next: ['Schalten Sie in den Systemeinstellungen die automatische Uhrzeit ein.'],
  },
  slept: {
    title: 'Dieser Computer hat geschlafen',
    cause:
      'Für die Autoritäten ist der Lauf Ihres Relays damit zu Ende: Pausen über 45 Minuten bemerken sie. Alle Ports werden neu geprüft.',
    next: ['Lassen Sie den Computer am Netzteil wach bleiben, oder betreiben Sie Vantage auf einem, der immer läuft.'],
  },
  'vpn-active': {
    title: 'Ein VPN steht vor Ihrer Tür',
    cause: 'Ihre Verbindungen gehen durch einen Tunnel hinaus. Andere suchen Sie deshalb an der falschen Adresse und kommen nicht herein.',
    next: ['Schalten Sie das VPN aus, oder nehmen Sie Vantage davon aus.'],
  },
  'disk-low': {
    title: 'Der Datenträger ist fast voll',
    cause:
      'Ihr Relay bewahrt dort die Dokumente des Netzes und seine eigenen Bücher auf. Damit für die Bücher Platz bleibt, werden die Dokumente nicht mehr geschrieben; nach einem Start werden sie neu geholt.',
    next: ['Schaffen Sie etwas Platz: ein paar hundert Megabyte genügen.'],
  },
  'memory-low': {
    title: 'Der Arbeitsspeicher ist fast aufgebraucht',
    cause: 'Damit der Verkehr von Tor weitergeht, behält Ihr Relay weniger Dokumente des Netzes und gibt weniger davon auf einmal aus.',
    next: [
      'Beenden Sie Programme, die Sie nicht brauchen.',
      'Bleibt es so, setzen Sie in den Einstellungen ein kleineres Limit, oder nehmen Sie einen Computer mit mehr Speicher.',
    ],
  },
  'firewall-on': {
    title: 'Eine Firewall dieses Computers lässt vielleicht niemanden herein',
    cause:
      'Sie ist eingeschaltet, und von außen kommt keine Verbindung an. Ob sie eine Regel für Ihr Relay hat, sieht nur ein Administrator; auch der Router kann im Weg sein.',
    next: ['Lassen Sie die Ports herein, zum Beispiel mit dem gezeigten Befehl, und prüfen Sie dann noch einmal.'],
  },
  'address-changed': {
    title: 'Sie haben eine neue Adresse',
    cause:
      'Ihr Relay wurde sofort neu veröffentlicht. Die Autoritäten zählen das trotzdem als Unterbrechung, und wer jeden Tag eine neue Adresse hat, gilt ihnen nie als stabil.',
    next: ['Fragen Sie Ihren Anbieter nach einer Adresse, die bleibt.'],
  },
  'address-crowded': {
    title: 'Andere Relays haben dieselbe Adresse',
    cause: 'Die Autoritäten führen je Adresse nur wenige Relays. Sind es mehr, bleiben die langsamsten weg.',
    next: ['Wenn es Ihre eigenen sind, halten Sie eines davon an.', 'Sonst fragen Sie Ihren Anbieter nach einer eigenen Adresse.'],
  },
  'double-nat': {
    title: 'Zwei Router hintereinander',
    cause:
      'Die Adresse Ihres Routers ist selbst eine private: Zwischen ihm und dem Internet steht noch ein Router, und der reicht nichts weiter.',
    next: [
      'Schalten Sie einen der beiden in den Bridge-Modus.',
      'Oder leiten Sie die Ports in beiden weiter: im äußeren zum inneren, im inneren zu diesem Computer.',
    ],
  },
  'router-disagrees': {
    title: 'Der Router sagt ja, draußen heißt es nein',
    cause:
      'Der Router hat die Tür als offen gemeldet, doch von außen kommt keine Verbindung an. Manche Router antworten so, ohne es zu tun; auch eine Firewall kann im Weg sein.',
    next: [
      'Schalten Sie UPnP im Router aus und wieder ein und starten Sie ihn neu.',
      'Erlauben Sie Vantage in der Firewall dieses Computers.',
      'Oder tragen Sie die Weiterleitung von Hand ein: Die Werte stehen auf der Startseite.',
    ],
  },
  'port-blocked': {
    title: 'Ein Port ist unterwegs gesperrt',
    cause:
      'Ein anderer Port dieses Computers ist auf demselben Weg von außen erreichbar. Also filtert jemand gerade diesen, wahrscheinlich Ihr Anbieter.',
    next: ['Lassen Sie Vantage dafür einen anderen Port nehmen, oder wählen Sie einen in den Einstellungen.'],
  },
  'proxy-port-in-use': {
    title: 'Der Port des lokalen Proxys ist belegt',
    cause: 'Ein anderes Programm, vielleicht der Tor Browser, wartet dort, wo Browser Vantage finden sollen.',
    next: ['Wählen Sie in den Einstellungen einen anderen SOCKS- oder HTTP-Port; 0 nimmt irgendeinen freien.'],
  },
  'perspective-refused': {
    title: 'Das Relay hat Sie abgelehnt',
    cause: 'Ein Mitglied hat Ihr Relay angesehen und nicht eingelassen. Sein Grund steht dabei.',
    next: ['Wählen Sie ein anderes Relay oder räumen Sie den Grund aus.'],
  },
  'perspective-locked': {
    title: 'Die Perspektive ist noch gesperrt',
    cause: 'Andere Mitglieder nehmen nur Relays an, die so dienen wie ihre eigenen.',
    next: ['Die Seite „Umsehen“ zeigt genau, was fehlt.'],
  },
  'exit-address-unknown': {
    title: 'Es ist nicht bekannt, von wo Sie gesehen werden',
    cause:
      'Vantage fragt Relays, die Sie sehen, und keine Dritten. Kein Relay, das durch diese Perspektive gefragt werden darf, hat geantwortet, oder sie waren sich nicht einig.',
    next: ['Versuchen Sie es später wieder oder wählen Sie ein anderes Relay.'],
  },
  'practice-single-address': {
    title: 'Dieses System hat nur eine Loopback-Adresse',
    cause: 'Das Übungsnetz gibt jedem seiner Länder eine Adresse, die mit 127 beginnt. Dieses System bietet nur 127.0.0.1.',
    next: ['Fügen Sie unter macOS die Adressen hinzu, wie das Handbuch es sagt, oder nehmen Sie ein System, das sie hat (Linux, Windows).'],
  },
  'identity-missing': {
    title: 'Es gibt noch keine Identität',
    cause: 'Ein Relay bekommt seine Identität, wenn es zum ersten Mal startet.',
    next: ['Starten Sie das Relay einmal und sichern Sie dann seine Identität.'],
  },
  'identity-moved': {
    title: 'Dieses Relay ist auf einen anderen Computer umgezogen',
    cause:
      'Seine Identität wurde für einen Umzug gesichert und darf hier nicht auch laufen: Zwei Relays mit einer Identität zerstören ihren Ruf.',
    next: [
      'Benutzen Sie es auf dem anderen Computer weiter.',
      'Wenn der Umzug nicht stattfand, sagen Sie es unter „Sicherheit“, „Identität“: Dann läuft das Relay wieder hier.',
    ],
  },
  'identity-exists': {
    title: 'Hier ist schon eine andere Identität',
    cause: 'Diese Installation hat eine eigene Relay-Identität. Sie wird nur beiseitegelegt, wenn Sie zustimmen.',
    next: ['Setzen Sie den Haken, der sie beiseitelegt, und laden Sie dann noch einmal.'],
  },
  'identity-runs-elsewhere': {
    title: 'Dieses Relay läuft noch anderswo',
    cause: 'Das Netz hat es veröffentlichen sehen, seit diese Datei geschrieben wurde. Eine Identität darf nie doppelt laufen.',
    next: ['Stoppen Sie es zuerst auf dem anderen Computer.', 'Wenn Sie das getan haben, sagen Sie es und laden Sie noch einmal.'],
  },
  'identity-other-network': {
    title: 'Diese Identität gehört zu einem anderen Netz',
    cause: 'Eine Identität bleibt in dem Netz, in dem sie entstand: Übungsnetz und Tor-Netz mischen sich nicht.',
    next: ['Laden Sie sie dort, wo Vantage in diesem Netz läuft.'],
  },
  'identity-file-damaged': {
    title: 'Das ist keine ganze Identitätsdatei',
    cause: 'Die Datei ist beschädigt, abgeschnitten oder etwas anderes. Nichts wurde geändert.',
    next: ['Wählen Sie die Datei, die Vantage gespeichert hat, so wie sie war.', 'Nehmen Sie eine andere Kopie, wenn es eine gibt.'],
  },
  'identity-file-newer': {
    title: 'Diese Datei stammt von einem neueren Vantage',
    cause: 'Ihre Form ist hier nicht bekannt. Nichts wurde geändert.',
    next: ['Installieren Sie das neueste Vantage und laden Sie sie dann.'],
  },
  'password-wrong': {
    title: 'Das Passwort öffnet die Datei nicht',
    cause: 'Die Datei ist ganz, wurde aber mit einem anderen Passwort gespeichert. Nichts wurde geändert.',
    next: ['Versuchen Sie es noch einmal; Großbuchstaben zählen, Leerzeichen auch.'],
  },
}

export const detailNames: Catalogue['detailNames'] = {
  address: 'Adresse',
  asleep: 'Schlafdauer',
  authority: 'Autorität',
  before: 'Bisher',
  call: 'Frage',
  closed: 'Zu',
  command: 'Befehl',
  country: 'Land',
  expected: 'Erwartet',
  field: 'Einstellung',
  file: 'Datei',
  firewall: 'Firewall',
  folder: 'Ordner',
  found: 'Gefunden',
  free: 'Noch frei',
  interface: 'Verbindung',
  keptAs: 'Aufgehoben als',
  lost: 'Nicht lesbar',
  limit: 'Höchstens geführt',
  line: 'Zeile',
  method: 'Verfahren',
  movedSeconds: 'Ihre Uhr ging',
  nickname: 'Relay',
  open: 'Offen',
  option: 'Option',
  path: 'Ort',
  pid: 'Prozess',
  port: 'Port',
  program: 'Programm',
  reason: 'Grund',
  relay: 'Relay',
  relays: 'Relays dort',
  retryAfter: 'Wieder fragen nach',
  seen: 'Andere sehen',
  skewSeconds: 'Ihre Uhr geht',
  status: 'Antwort',
  text: 'Ihre Worte',
  user: 'Sein Konto',
  which: 'Tür',
}

export const clock: Catalogue['clock'] = {
  slow: duration => `${duration} nach`,
  fast: duration => `${duration} vor`,
  forward: duration => `${duration} vor`,
  back: duration => `${duration} zurück`,
}
