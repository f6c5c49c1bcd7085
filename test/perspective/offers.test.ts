import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetworkDirectory } from '../../main/directory/network-directory.ts'
import type { Consensus, RouterStatus } from '../../main/document/consensus.ts'
import { Protocols } from '../../main/document/protocols.ts'
import type { ServerDescriptor } from '../../main/document/server-descriptor.ts'
import { Listeners } from '../../main/lib/service.ts'
import { exitCountries, matcher, perspectiveOffers } from '../../main/perspective/offers.ts'
import { OfferList } from '../../main/perspective/peer-side.ts'
import { fp, offer } from './peer-fixture.ts'

const router = (n: number, flags: string[], protocols = 'Link=5 X-Perspective=1') =>
  ({
    fingerprint: fp(n),
    address: `192.0.2.${n}`,
    orPort: 9001,
    flags: new Set(flags),
    protocols: Protocols.parse(protocols),
  }) as unknown as RouterStatus
const COUNTRIES: Record<string, string> = { '192.0.2.1': 'se', '192.0.2.2': 'se', '192.0.2.3': 'no', '192.0.2.4': 'us' }
const countryOf = (address: string) => COUNTRIES[address]
const consensusOf = (routers: RouterStatus[]) => ({ routers }) as unknown as Consensus

test('S22: offers are relays whose consensus entry and descriptor both say so; other descriptors are not even looked at', () => {
  const asked: string[] = []
  const good = offer(1).descriptor
  const descriptors: Record<string, ServerDescriptor> = {
    [fp(1)]: good,
    [fp(2)]: { ...good, perspective: { ...good.perspective!, version: 2 } },
    [fp(3)]: { ...good, perspective: undefined },
    [fp(8)]: good,
    [fp(9)]: good,
  }
  const routers = [
    router(1, ['Running', 'Valid']),
    router(2, ['Running', 'Valid']),
    router(3, ['Running', 'Valid']),
    router(4, ['Running', 'Valid']),
    router(5, ['Running', 'Valid'], 'Link=5'),
    router(6, ['Valid']),
    router(7, ['Running']),
    router(8, ['Running', 'Valid']),
    router(9, ['Running', 'Valid']),
  ]
  const directory = {
    consensus: consensusOf(routers),
    parsedDescriptor(fingerprint: string) {
      asked.push(fingerprint)
      return descriptors[fingerprint]
    },
  }
  const found = perspectiveOffers(directory, { own: fp(8), countryOf })
  assert.deepEqual(
    found.map(({ fingerprint, country }) => [fingerprint, country]),
    [
      [fp(1), 'se'],
      [fp(9), '??'],
    ],
  )
  assert.deepEqual(asked, [1, 2, 3, 4, 9].map(fp))
  assert.deepEqual(perspectiveOffers({ ...directory, consensus: undefined }, { own: fp(8), countryOf }), [])
})

test('an unknown country is nobody’s country', () => {
  assert.equal(matcher({ kind: 'country', country: 'se' })(offer(1, { country: '??' })), false)
  assert.equal(matcher({ kind: 'any' })(offer(1, { country: '??' })), true)
})

test('S12: countries where Tor circuits can end are counted from good exits, without ourselves and what is excluded', () => {
  const exit = ['Exit', 'Running', 'Valid']
  const consensus = consensusOf([
    router(1, exit, 'Link=5'),
    router(2, exit, 'Link=5'),
    router(3, exit, 'Link=5'),
    router(4, [...exit, 'BadExit'], 'Link=5'),
    router(5, exit, 'Link=5'),
    router(6, ['Running', 'Valid'], 'Link=5'),
  ])
  const count = (own: string, excluded: string[]) => exitCountries({ consensus }, { own, countryOf, excluded: new Set(excluded) })
  assert.deepEqual(count(fp(9), []), [
    { country: 'no', relays: 1 },
    { country: 'se', relays: 2 },
  ])
  assert.deepEqual(count(fp(1), ['no']), [{ country: 'se', relays: 1 }])
  assert.deepEqual(count(fp(1), [fp(2), 'no']), [])
})

test('C11: a list is any of its countries and relays, and a list that is not there is nobody', () => {
  const lists = [{ id: 'nordic', places: ['se', fp(7)] }]
  const asked = matcher({ kind: 'list', list: 'nordic' }, lists)
  assert.deepEqual([offer(1, { country: 'se' }), offer(7, { country: 'jp' }), offer(8, { country: 'jp' })].map(asked), [true, true, false])
  assert.equal(matcher({ kind: 'list', list: 'gone' }, lists)(offer(1, { country: 'se' })), false)
})

test('the owner’s word on a relay’s country comes before the country data', () => {
  const directory = {
    consensus: consensusOf([router(1, ['Running', 'Valid']), router(2, ['Running', 'Valid'])]),
    parsedDescriptor: () => offer(1).descriptor,
  }
  const found = perspectiveOffers(directory, {
    own: fp(8),
    countryOf,
    correctionOf: fingerprint => (fingerprint === fp(1) ? 'fi' : undefined),
  })
  assert.deepEqual(
    found.map(({ country, corrected }) => [country, corrected]),
    [
      ['fi', true],
      ['se', false],
    ],
  )
})

test('the list is made anew after a consensus and a correction at once, after descriptors when it is cheap; what stays the same is the same object', async () => {
  const [onConsensus, onDescriptors] = [new Listeners<[]>(), new Listeners<[]>()]
  const descriptors = new Map([[fp(1), offer(1).descriptor]])
  let asked = 0
  const directory = {
    onConsensus,
    onDescriptors,
    consensus: consensusOf([router(1, ['Running', 'Valid']), router(2, ['Running', 'Valid']), router(3, ['Running', 'Valid'])]),
    parsedDescriptor(fingerprint: string) {
      asked++
      return descriptors.get(fingerprint)
    },
  }
  let corrections: { fingerprint: string; country: string }[] = []
  const list = new OfferList(directory as unknown as NetworkDirectory, { own: fp(8), countryOf, corrections: () => corrections })
  const names = () => list.offers.map(({ fingerprint, country }) => [fingerprint, country])
  assert.deepEqual(names(), [[fp(1), 'se']])
  const [first] = list.offers
  assert.equal(asked, 3)
  assert.equal(list.offers[0], first)
  assert.equal(asked, 3, 'nothing has changed, so nothing is looked at')

  descriptors.set(fp(2), offer(2).descriptor)
  assert.equal(list.offers.length, 1)
  onDescriptors.emit()
  while (list.offers.length < 2) await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(names(), [
    [fp(1), 'se'],
    [fp(2), 'se'],
  ])
  assert.equal(list.offers[0], first)

  corrections = [{ fingerprint: fp(1), country: 'fi' }]
  assert.deepEqual(names()[0], [fp(1), 'fi'])
  descriptors.set(fp(3), { ...offer(3).descriptor, perspective: { version: 1, port: 9443, admits: 'running' } })
  assert.equal(list.admitRunning, false)
  onConsensus.emit()
  assert.equal(list.offers.length, 3)
  assert.equal(list.admitRunning, true)
  list.stop()
  const before = asked
  onConsensus.emit()
  assert.equal(list.offers.length, 3)
  assert.equal(asked, before, 'stopped, it hears of nothing any more')
})
