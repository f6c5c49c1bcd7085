import type { Catalogue } from '../en.ts'

export const locks: Catalogue['locks'] = {
  'no-consent': {
    title: 'Sie haben nicht zugestimmt, Ihre Perspektive zu teilen',
    text: 'Mitglieder lassen einander ein. Wer durch andere sieht, lässt sie auch durch sich sehen.',
    place: 'home',
    action: 'Lesen und entscheiden',
  },
  'relay-stopped': {
    title: 'Ihr Relay steht still',
    text: 'Umsehen gehört zum Relay; beides beginnt wieder zusammen.',
    place: 'relay',
    action: 'Zum Relay',
  },
  'or-port-unproved': {
    title: 'Der Relay-Port ist nicht von außen bewiesen',
    text: 'Andere Relays müssen Sie durch ihn erreichen können.',
    place: 'home',
    action: 'Ports ansehen',
  },
  'dir-port-unproved': {
    title: 'Der Verzeichnis-Port ist nicht von außen bewiesen',
    text: 'Mitglieder prüfen ihn, bevor sie Sie einlassen.',
    place: 'home',
    action: 'Ports ansehen',
  },
  'pa-port-unproved': {
    title: 'Der Perspektiv-Port ist nicht von außen bewiesen',
    text: 'Mitglieder prüfen, ob sie wirklich durch Sie ins Web kämen.',
    place: 'home',
    action: 'Ports ansehen',
  },
  'not-listed': {
    title: 'Ihr Relay ist noch nicht gelistet',
    text: 'Es erscheint in einer Liste, die die Autoritäten gemeinsam machen, meist binnen weniger Stunden.',
    place: 'home',
    action: 'Stimmen ansehen',
  },
  'not-running': {
    title: 'Die Autoritäten geben Ihrem Relay kein Running',
    text: 'Die meisten von ihnen müssen es in letzter Zeit erreicht haben.',
    place: 'home',
    action: 'Stimmen ansehen',
  },
  'not-stable': {
    title: 'Die Autoritäten geben Ihrem Relay noch kein Stable',
    text: 'Mitglieder lassen Relays mit Stable ein. Wann Ihres es bekommt, entscheiden die Autoritäten.',
    place: 'home',
    action: 'Stimmen ansehen',
  },
  'directory-not-live': {
    title: 'Die Liste der Relays ist zu alt',
    text: 'Ohne frische Liste lässt sich niemand prüfen. Sie erneuert sich, sobald das Netz erreichbar ist.',
    place: 'home',
    action: 'Stand ansehen',
  },
  'pa-off': {
    title: 'Ihr Perspektiv-Port ist aus',
    text: 'Sie haben das Teilen in den Einstellungen ausgeschaltet, darum lassen andere Sie nicht ein.',
    place: 'settings',
    action: 'Zu den Einstellungen',
  },
}
