import type { Catalogue } from '../en.ts'
import { count } from './count.ts'

export const agreements: Pick<Catalogue['journey'], 'consent' | 'consentNotices'> = {
  consent: {
    lookAround: 'Erst die App ansehen',
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
    facts: [
      [
        'Ein Sprung ist schnell, aber nicht anonym.',
        'Das Relay, durch das Sie sehen, kennt Ihre Adresse und weiß, was Sie besuchen. Für Anonymität nehmen Sie den Tor Browser.',
      ],
      [
        'Wenn Sie dazukommen, gehen Mitglieder von Ihrer Adresse ins Web.',
        'Websites sehen sie dann als Absender. Darüber entscheiden Sie unten für sich.',
      ],
    ],
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
      intro:
        'Freiwillig: Mitglieder lassen einander das Web von ihren Orten aus sehen. Ohne das hilft Ihr Relay Tor genauso, und der Blick durch andere bleibt gesperrt.',
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
      usualPorts: 'Webseiten (Ports 80 und 443)',
      reach: 'Was Mitglieder anfangs erreichen dürfen:',
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
}
