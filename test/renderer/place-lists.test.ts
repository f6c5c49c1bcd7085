import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { membersOf, placeTyped } from '../../renderer/views/browse/list-edit.ts'
import { parsePlaceLists, placeListText } from '../../renderer/views/browse/place-list-text.ts'
import { listNameFault, newListId, type PlaceList, placeLists, tidyListName } from '../../shared/place-lists.ts'
import { settings } from '../../shared/settings.ts'
import { FINGERPRINT, sampleState } from './sample-state.ts'

const NORDIC: PlaceList = { id: 'nordic', name: 'Nordic', places: ['se', FINGERPRINT] }

describe('names of lists', () => {
  test('invisible and turning characters, emptiness, length and doubles are refused, each by its name', () => {
    const table: [string, string | undefined][] = [
      ['Nordic news', undefined],
      ['Ælvåløsning ☀', undefined],
      ['قائمتي', undefined],
      ['  ', 'empty'],
      ['x'.repeat(41), 'too-long'],
      ['👩‍🚀', 'forbidden-character'],
      ['a\u202Eb', 'forbidden-character'],
      ['a\u200Bb', 'forbidden-character'],
      ['a\nb', 'forbidden-character'],
      ['a\u0000', 'forbidden-character'],
      ['NORDIC', 'taken'],
    ]
    for (const [name, fault] of table) assert.equal(listNameFault(tidyListName(name), ['Nordic']), fault, JSON.stringify(name))
    assert.equal(tidyListName('  e\u0301  b '), 'é b')
  })

  test('an id has plain letters, is free, and is there even for a name without any', () => {
    assert.equal(newListId('Nördic!', []), 'nordic')
    assert.equal(newListId('Nordic', [NORDIC]), 'nordic2')
    assert.equal(newListId('قائمتي', []), 'list')
    fc.assert(
      fc.property(fc.string(), name => {
        assert.match(newListId(name, [NORDIC, { id: 'list', name: 'x', places: [] }]), /^[a-z0-9]{1,20}$/)
      }),
    )
  })

  test('settings take lists that pass, and no two of one id', () => {
    assert.ok(placeLists.safeParse([NORDIC]).success)
    for (const bad of [[NORDIC, NORDIC], [{ ...NORDIC, name: 'a\u202e' }], [{ ...NORDIC, places: ['sweden'] }], [{ ...NORDIC, id: 'a-b' }]])
      assert.equal(placeLists.safeParse(bad).success, false, JSON.stringify(bad))
    assert.deepEqual(settings.parse({}).lists, [])
  })
})

describe('lists as a file', () => {
  test('what is saved is read back the same, notes and all', () => {
    const lists = [NORDIC, { id: 'empty', name: 'Empty', places: [] }]
    const text = placeListText(lists, place => (place === FINGERPRINT ? 'Midnattsol' : undefined))
    assert.match(text, /^\[Nordic\]\nse\n\$9695[0-9A-F]+ {2}# Midnattsol\n/)
    assert.deepEqual(parsePlaceLists(text, []), { lists, faults: [] })
  })

  test('lists that are there stay; one of the same name gets a number', () => {
    const { lists, faults } = parsePlaceLists('[nordic]\nno\n[Nordic]\nfi\n', [NORDIC])
    assert.deepEqual(
      lists.map(({ id, name, places }) => [id, name, places]),
      [
        ['nordic2', 'nordic 2', ['no']],
        ['nordic3', 'Nordic 3', ['fi']],
      ],
    )
    assert.deepEqual(faults, [])
    const long = 'y'.repeat(40)
    const [again] = parsePlaceLists(`[${long}]`, [{ id: 'y', name: long, places: [] }]).lists
    assert.equal(again!.name, `${'y'.repeat(36)} 2`)
  })

  test('each line that is not understood is named with its number, and the rest is read', () => {
    const text = [
      '\uFEFFse',
      '# a note',
      '[Good]',
      'SE',
      'sweden',
      ' se ',
      `$${FINGERPRINT.toLowerCase()} # note`,
      '',
      '[b\u202Ead]',
      'no',
      '[]',
      '[Other]',
      'no',
    ].join('\r\n')
    const { lists, faults } = parsePlaceLists(text, [])
    assert.deepEqual(
      lists.map(({ name, places }) => [name, places]),
      [
        ['Good', ['se', FINGERPRINT]],
        ['Other', ['no']],
      ],
    )
    assert.deepEqual(
      faults.map(({ line, fault }) => [line, fault]),
      [
        [1, 'no-list'],
        [5, 'not-a-place'],
        [6, 'repeated'],
        [9, 'forbidden-character'],
        [11, 'empty'],
      ],
    )
  })

  test('too many lists and places are passed over, not taken', () => {
    const many = Array.from({ length: 60 }, (_, n) => `[list ${n}]\nse`).join('\n')
    const { lists, faults } = parsePlaceLists(many, [NORDIC])
    assert.equal(lists.length, 49)
    assert.deepEqual([...new Set(faults.map(({ fault }) => fault))], ['too-many-lists'])
    const full = parsePlaceLists(`[full]\n${Array.from({ length: 300 }, (_, n) => `$${n.toString(16).padStart(40, '0')}`).join('\n')}`, [])
    assert.deepEqual([full.lists[0]!.places.length, full.faults.length, full.faults[0]!.fault], [200, 100, 'list-full'])
  })

  test('of ten thousand lines the wrong one is named, and all others are read', () => {
    const lines = Array.from({ length: 50 }, (_, list) => [
      `[list ${list}]`,
      ...Array.from({ length: 199 }, (_, n) => `$${(list * 200 + n).toString(16).padStart(40, '0')}`),
    ]).flat()
    lines[6_789] = `${lines[6_789]}0`
    const { lists, faults } = parsePlaceLists(lines.join('\n'), [])
    assert.deepEqual(faults, [{ line: 6_790, text: lines[6_789], fault: 'not-a-place' }])
    assert.deepEqual([lists.length, lists.flatMap(({ places }) => places).length], [50, 50 * 199 - 1])
  })

  test('whatever the text, what is read passes the settings’ schema beside what was there', () => {
    const lines = fc.array(fc.oneof(fc.string(), fc.constantFrom('[a]', '[A]', 'se', 'no', `$${FINGERPRINT}`, '[', ']', '[\u202e]')), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(lines, text => {
        const { lists } = parsePlaceLists(text.join('\n'), [NORDIC])
        assert.ok(placeLists.safeParse([NORDIC, ...lists]).success)
        const names = [NORDIC, ...lists].map(({ name }) => name.toLowerCase())
        assert.equal(new Set(names).size, names.length)
      }),
    )
  })
})

describe('typing a place', () => {
  const { relays } = sampleState('unlocked').perspective

  test('a country by name or code, a member by nickname, any fingerprint', () => {
    assert.deepEqual(placeTyped(' sweden ', relays), { place: 'se' })
    assert.deepEqual(placeTyped('SE', relays), { place: 'se' })
    assert.deepEqual(placeTyped('turkiye', relays), { place: 'tr' })
    assert.deepEqual(placeTyped('hokusai36', relays), { place: relays[5]!.fingerprint })
    assert.deepEqual(placeTyped('$9695 dfc3 5ffe b861 329b 9f1a b04c 4639 7020 ce31', relays), { place: FINGERPRINT })
  })

  test('nobody, or several of one name, is said', () => {
    for (const text of ['', 'Atlantis', 'zz', FINGERPRINT.slice(1), '\u202e'])
      assert.deepEqual(placeTyped(text, relays), { fault: 'unknown' }, text)
    assert.deepEqual(placeTyped('leipzig', [...relays, { ...relays[0]!, nickname: 'LEIPZIG' }]), { fault: 'several' })
  })

  test('a list counts each member once, by country or by itself', () => {
    assert.equal(membersOf({ id: 'a', name: 'a', places: ['se', relays[0]!.fingerprint, relays[5]!.fingerprint] }, relays), 3)
  })
})
