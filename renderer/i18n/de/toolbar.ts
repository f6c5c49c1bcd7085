import type { Catalogue } from '../en.ts'

export const toolbar: Catalogue['toolbar'] = {
  page: 'Seite',
  back: 'Zurück',
  forward: 'Vor',
  address: 'Adresse',
  reload: 'Neu laden',
  stop: 'Laden abbrechen',
  from: place => `Gesehen von: ${place}`,
  oneHop: 'Ein Sprung, nicht anonym: Das Relay dort kennt Ihre Adresse und weiß, was Sie besuchen.',
  tor: 'Durch Tor, langsamer.',
  noAddress: 'Das ist keine Webadresse.',
  failed: code => `Die Seite kam nicht (${code}). Nichts wurde direkt geladen.`,
}
