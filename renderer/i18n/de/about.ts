import type { Catalogue } from '../en.ts'

export const about: Catalogue['about'] = {
  title: 'Über Vantage',
  lead: 'Ein echtes Tor-Relay auf Ihrem Computer, und dafür ein schneller Blick ins Web von den Orten anderer, die dasselbe tun.',
  version: 'Version',
  host: 'Läuft als',
  hosts: { electron: 'Programm mit Fenster', headless: 'Programm ohne Fenster, gezeigt in Ihrem Browser' },
  network: 'Netz',
  countryData: 'Länderdaten',
  countryDataUnknown: 'ip-location-db',
  systemData: 'Daten zu Netzen (AS)',
  systemDataNote: 'Für dieses Programm neu gepackt. Ein Hinweis: Solche Tabellen haben Fehler.',
  systemDataNone: 'Hier keine; Länder und Adressbereiche stehen dafür.',
  up: 'Gestartet',
  isTitle: 'Was es ist',
  is: [
    'Ein Tor-Relay, für dieses Programm geschrieben: Es befördert den verschlüsselten Verkehr von Menschen, die Tor brauchen.',
    'Ein Kreis von Relays: Wer seines am Laufen hält, lässt die anderen von seinem Ort ins Web sehen, und sie ihn.',
    'Frei, ohne Konto, ohne Wertmarken, ohne Geld und ohne Rangliste.',
  ],
  isNotTitle: 'Was es nicht ist',
  isNot: [
    'Nicht anonym. Ein einziger Sprung verbirgt Sie vor niemandem, der das Relay fragen kann. Für Anonymität nehmen Sie den Tor Browser.',
    'Kein VPN. Nur Programme, die Sie darauf einstellen, gehen hindurch; alles andere bleibt, wie es ist.',
    'Nicht vom Tor Project gemacht oder empfohlen.',
    'Nicht genau bei Orten. Die Länder stammen aus einer öffentlichen Adresstabelle, die manchmal irrt.',
  ],
  licencesTitle: 'Lizenzen',
  licences:
    'Vantage ist freie Software unter der BSD-3-Klausel-Lizenz. Es enthält mit Dank die Arbeit anderer: Bibliotheken und Tabellen über Adressen im Internet.',
  licencesElectron:
    'Das Fenster ist mit Electron, Chromium und Node.js gemacht; deren Lizenzen stehen in LICENSE.electron.txt und LICENSES.chromium.html neben dem Programm.',
  licencesShow: 'Zeigen, was darin ist, mit Lizenzen',
  licencesNone:
    'Dies ist ein Quellverzeichnis, das nicht gebaut wurde. Die Lizenz jeder Bibliothek liegt in ihrem Ordner unter node_modules.',
  licenceOf: name => `Lizenz von ${name}`,
}
