import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { chooseLanguage, directionOf, localeOf } from '../../renderer/i18n/language.ts'
import * as live from '../../renderer/i18n/words.ts'
import {
  countryName,
  formatAgo,
  formatBytes,
  formatDays,
  formatDuration,
  formatMilliseconds,
  formatRate,
  formatUntil,
  languageNames,
  speak,
} from '../../renderer/i18n/words.ts'
import { LANGUAGES, type Language } from '../../shared/settings.ts'
import { catalogues } from './catalogues.ts'

const { en } = catalogues
const others = LANGUAGES.filter(language => language !== 'en')

/** Every leaf of a catalogue with its path. */
function* leaves(value: unknown, path = ''): Generator<[path: string, leaf: unknown]> {
  if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) yield* leaves(inner, `${path}.${key}`)
  else yield [path, value]
}
type Words = (...facts: unknown[]) => string
/** What a leaf says: itself, or what it says of some facts, as numbers that cannot come from anywhere else. */
const FACTS = [
  [4711, 5822, 6933],
  [0, 0, 0],
  [1, 1, 1],
  [2, 2, 2],
  [3, 3, 3],
  [11, 11, 11],
  [100, 100, 100],
  [7, false, 7],
]
const said = (leaf: unknown): string[] => (typeof leaf === 'function' ? FACTS.map(facts => (leaf as Words)(...facts)) : [String(leaf)])
const at = (catalogue: unknown, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], catalogue)
/** Digits without their groups. */
const plain = (text: string) => text.replaceAll(/(?<=\d)[.,\u00a0\u202f](?=\d{3})/g, '')

/** What is the same in German and English: names, technical terms and words that both have. */
const SAME_IN_GERMAN = new Set([
  'Vantage', 'Version', 'Name', 'Ports', 'Port', 'Relay', 'Relays', 'Option', 'Flags', 'Server', 'Streams', 'Running', 'Stable', 'Mbit/s', 'Filter', 'Firewall', 'UTC',
  'ip-location-db', 'se', 'any', 'list-nordic', 'tor', 'tor-se', '$9695DFC3…', 'home', 'relay', 'settings', 'safety',
]) // biome-ignore format: one table
const ENGLISH = /\b(the|and|your|you|with|are|not|this|that|from|has|have|been|which|who|when|can|its|it|of|for|to|by|or|no|on|at)\b/i

/** Latin words that may stand in Arabic: names, protocols, and what is typed as it is. */
const LATIN_IN_ARABIC =
  /^(Tor|Vantage|VPN|Guard|BSD|LICENSE|THIRD|PARTY|LICENSES|ip|location|db|CC|Snowflake|UPnP|NAT|PMP|PCP|IP|IPv|ORPort|DirPort|PAPort|Stable|Running|Valid|Fast|SOCKS|HTTP|PAC|http|https|carrier|grade|torrc|DirAuthority|macOS|Linux|Windows|onion|Electron|Chromium|Node|electron|chromium|node|modules|js|txt|html|reject|accept|private|family|expiry|reason|Ed|se|any|list|nordic|tor|DFC|UTC|db|T|Z|WAN|home|relay|settings|safety|NetworkManager|a|b|false)$/

afterEach(() => speak('en'))

describe('the catalogues', () => {
  for (const language of others) {
    const catalogue = catalogues[language]

    test(`${language} has the keys of English, and says something at each`, () => {
      const keys = (of: unknown) => [...leaves(of)].map(([path, leaf]) => `${path} ${typeof leaf}`).sort()
      assert.deepEqual(keys(catalogue), keys(en))
      for (const [path, leaf] of leaves(catalogue))
        for (const text of said(leaf)) {
          assert.notEqual(text.trim(), '', path)
          assert.doesNotMatch(text, / {2}|undefined|NaN|\[object|TODO|\$\{/, path)
          if (typeof leaf === 'function') assert.ok(!text.includes('#'), `${path}: ${text}`)
        }
    })

    test(`${language} keeps every fact that English tells`, () => {
      for (const [path, leaf] of leaves(en)) {
        if (typeof leaf !== 'function') continue
        const [english, own] = [leaf, at(catalogue, path)].map(words => plain((words as Words)(4711, 5822, 6933)))
        for (const fact of ['4711', '5822', '6933'])
          assert.equal(own!.includes(fact), english!.includes(fact), `${path} tells ${fact}: ${own}`)
      }
    })

    test(`${language} ends its sentences where English does`, () => {
      for (const [path, leaf] of leaves(en)) {
        if (typeof leaf === 'function' || path.endsWith('announcement')) continue
        assert.equal(/[.؟?]$/.test(String(at(catalogue, path))), /[.?]$/.test(String(leaf)), `${path}: ${at(catalogue, path)}`)
      }
    })
  }

  test('no English is left over in German', () => {
    for (const [path, leaf] of leaves(en)) {
      const own = said(at(catalogues.de, path))
      const words = said(leaf)
      for (const [index, text] of own.entries()) {
        if (typeof leaf !== 'function') assert.ok(text !== words[index] || SAME_IN_GERMAN.has(text), `${path}: ${text}`)
        assert.doesNotMatch(text.replaceAll(/[„“][^“”]*[“”]/g, ''), ENGLISH, path)
      }
    }
  })

  test('no English is left over in Arabic, and its plurals have all their forms', () => {
    for (const [path, leaf] of leaves(catalogues.ar)) {
      for (const text of said(leaf)) {
        for (const [word] of text.matchAll(/[a-z]+/gi)) assert.match(word, LATIN_IN_ARABIC, `${path}: ${text}`)
      }
      if (typeof leaf === 'string' && /[a-z]/i.test(leaf)) assert.ok(/[\u0600-\u06ff]/.test(leaf) || leaf.length < 22, `${path}: ${leaf}`)
    }
    const { foundRelays } = catalogues.ar.browse
    assert.deepEqual([0, 1, 2, 3, 11, 100, 1234].map(foundRelays), [
      'لا مرحّلات',
      'مرحّل واحد',
      'مرحّلان',
      '3 مرحّلات',
      '11 مرحّلًا',
      '100 مرحّل',
      '1,234 مرحّلًا',
    ])
  })

  test('flags and the names of ports keep their Tor names in every language', () => {
    for (const language of LANGUAGES) {
      const { relay, settings, journey, locks } = catalogues[language]
      assert.deepEqual(Object.keys(relay.flagMeanings), Object.keys(en.relay.flagMeanings))
      assert.deepEqual([journey.waiting.columns.running, journey.waiting.columns.stable], ['Running', 'Stable'])
      assert.match(locks['not-stable'].title, /Stable/)
      assert.match(locks['not-running'].title, /Running/)
      assert.match(`${settings.orPort} ${settings.dirPort} ${settings.paPort}`, /ORPort.*DirPort.*PAPort/)
    }
  })

  test('nothing that comes in from outside is put into Arabic without being isolated', () => {
    const name = 'Name (x)'
    const { browse, journey, about: _, ...rest } = catalogues.ar
    for (const text of [
      browse.lookingRelay(name),
      browse.via(name, name),
      browse.seenAs(name),
      browse.excludedNow(name),
      journey.ports.otherFailure(name),
      journey.publishing.itsWords(name),
      rest.settings.errors.policyLine(name),
      rest.safety.relayIs(name),
      rest.toolbar.throughRelay(name),
      rest.toolbar.saveQuestion(name),
      rest.toolbar.certificateTitle(name),
    ])
      assert.ok(text.includes(`\u2068${name}\u2069`), text)
  })
})

describe('speaking', () => {
  test('another language is spoken as soon as it is loaded, with its numbers, units and names', async () => {
    const sample = () => [
      live.words.nav.settings,
      formatBytes(41_200_000_000),
      formatBytes(0),
      formatRate(1_240_000),
      formatDuration(2 * 86400 + 3 * 3600),
      formatDays(9, 16),
      formatMilliseconds(31.4),
      formatAgo(0, 3 * 60_000),
      formatUntil(17 * 60_000, 0),
      countryName('se'),
    ]
    await speak('en', ['en-GB'])
    const spaces = (texts: string[]) => texts.map(text => text.replaceAll(/[\u00a0\u202f]/g, ' ').replaceAll(/[\u200e\u200f]/g, ''))
    assert.deepEqual(spaces(sample()).slice(0, 4), ['Settings', '41.2 GB', '0 bytes', '1.2 MB/s'])
    assert.deepEqual(spaces(sample()).slice(5), ['9–16 days', '31 ms', '3 minutes ago', 'in 17 minutes', 'Sweden'])
    await speak('de')
    assert.deepEqual(spaces(sample()), [
      'Einstellungen',
      '41,2 GB',
      '0 Byte',
      '1,2 MB/s',
      '2 Tg., 3 Std.',
      '9–16 Tage',
      '31 ms',
      'vor 3 Minuten',
      'in 17 Minuten',
      'Schweden',
    ])
    assert.deepEqual(live.speech.getState(), { language: 'de', direction: 'ltr', loading: false })
    const loading = speak('ar')
    assert.deepEqual(live.speech.getState(), { language: 'de', direction: 'ltr', loading: true }, 'German until Arabic is there')
    await loading
    assert.deepEqual(live.speech.getState(), { language: 'ar', direction: 'rtl', loading: false })
    const arabic = sample()
    assert.equal(arabic[9], 'السويد')
    assert.ok(
      arabic.every(text => !/[a-z\u0660-\u0669]/i.test(text)),
      arabic.join(' | '),
    )
  })

  test('the system’s language is the person’s own; its region stays', async () => {
    await speak('system', ['tlh', 'de-AT', 'en'])
    assert.deepEqual([live.locale, live.words], ['de-AT', catalogues.de])
    await speak('en', ['de-AT', 'en-GB'])
    assert.equal(live.locale, 'en-GB')
    assert.equal(localeOf('ar', ['ar-EG']), 'ar-EG-u-nu-latn')
    assert.equal(chooseLanguage(['fr', 'ar-SA']), 'ar')
    assert.deepEqual(LANGUAGES.map(directionOf), ['ltr', 'ltr', 'rtl'])
    assert.deepEqual(Object.keys(languageNames), LANGUAGES as readonly Language[])
  })

  test('the last wish counts, whichever language is loaded first', async () => {
    await Promise.all([speak('ar'), speak('de'), speak('en', ['en-IE'])])
    assert.deepEqual([live.locale, live.words, live.speech.getState().loading], ['en-IE', en, false])
  })

  test('no part of the window keeps words from before the language changed', async () => {
    const folder = join(import.meta.dirname, '../../renderer')
    const files = (await readdir(folder, { recursive: true })).filter(name => /\.tsx?$/.test(name) && !name.startsWith('i18n'))
    assert.ok(files.length > 50)
    for (const file of files) {
      const code = await readFile(join(folder, file), 'utf8')
      assert.doesNotMatch(code, /^(export )?(const|let) [^\n]*(\bwords\.|\(locale\b)/m, file)
      assert.doesNotMatch(code, /use(Memo|Callback)\(\(\) => [^\n]*\bwords\./, `${file}: words in a memo outlive the language`)
    }
  })
})
