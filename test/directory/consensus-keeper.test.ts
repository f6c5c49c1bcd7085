import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { ConsensusKeeper } from '../../main/directory/consensus-keeper.ts'
import { makeAuthority, makeConsensus, type TinyAuthority } from './tiny-network.ts'

const NOW = Date.UTC(2030, 0, 1)
const { signal } = new AbortController()

describe('which consensus is taken', () => {
  let all: TinyAuthority[]
  let stranger: TinyAuthority
  before(async () => {
    ;[stranger, ...all] = (await Promise.all(Array.from({ length: 6 }, () => makeAuthority(NOW)))) as [TinyAuthority, ...TinyAuthority[]]
  })

  const keeperWith = (certified: readonly TinyAuthority[]): ConsensusKeeper => {
    const keeper = new ConsensusKeeper(all.map(authority => authority.identity))
    keeper.addCertificates(certified.map(authority => authority.certificate.text).join(''), NOW)
    return keeper
  }
  const at = (validAfter: number) => ({ validAfter })

  test('one that more than half of the known authorities signed, in both flavours', async () => {
    const keeper = keeperWith(all)
    for (const flavor of ['ns', 'microdesc'] as const) {
      const text = makeConsensus(flavor, at(NOW), all.slice(0, 3))
      assert.equal((await keeper.offer(flavor, text, NOW, signal)).kind, 'taken')
      assert.equal(keeper.current(flavor)?.text, text)
      assert.equal((await keeper.offer(flavor, text, NOW, signal)).kind, 'same')
    }
  })

  test('not one that only a minority signed, however many strangers join them', async () => {
    const keeper = keeperWith(all)
    const text = makeConsensus('ns', at(NOW), [...all.slice(0, 2), stranger])
    const offer = await keeper.offer('ns', text, NOW, signal)
    assert.equal(offer.kind, 'unverified')
    assert.equal(keeper.current('ns'), undefined)
  })

  test('not one that was changed after it was signed', async () => {
    const keeper = keeperWith(all)
    const text = makeConsensus('ns', at(NOW), all).replace('s Fast Running Stable Valid', 's Fast Running Valid')
    assert.equal((await keeper.offer('ns', text, NOW, signal)).kind, 'unverified')
  })

  test('not one of another flavour than was asked for', async () => {
    const offer = await keeperWith(all).offer('ns', makeConsensus('microdesc', at(NOW), all), NOW, signal)
    assert.equal(offer.kind, 'malformed')
  })

  test('T14: not an older one after a newer one, nor after a restart', async () => {
    const keeper = keeperWith(all)
    await keeper.offer('ns', makeConsensus('ns', at(NOW), all), NOW, signal)
    const older = makeConsensus('ns', at(NOW - 10_000), all)
    assert.equal((await keeper.offer('ns', older, NOW, signal)).kind, 'older')
    assert.equal(keeper.current('ns')?.validAfter, NOW)
    const restarted = keeperWith(all)
    restarted.newest = keeper.newest
    assert.equal((await restarted.offer('ns', older, NOW, signal)).kind, 'older')
    assert.equal((await restarted.offer('ns', makeConsensus('ns', at(NOW), all), NOW, signal)).kind, 'taken')
  })

  test('not one from far in the future, which would lock us out of all to come before it', async () => {
    const keeper = keeperWith(all)
    const offer = await keeper.offer('ns', makeConsensus('ns', at(NOW + 2 * 3_600_000), all), NOW, signal)
    assert.equal(offer.kind, 'early')
    assert.equal((await keeper.offer('ns', makeConsensus('ns', at(NOW), all), NOW, signal)).kind, 'taken')
  })

  test('one whose certificates come later is taken then', async () => {
    const keeper = keeperWith(all.slice(0, 2))
    const offer = await keeper.offer('ns', makeConsensus('ns', at(NOW), all), NOW, signal)
    assert.ok(offer.kind === 'unverified' && offer.missing.length === 3)
    assert.equal(keeper.missingCertificates(NOW).length, 3)
    assert.equal(keeper.recheck('ns', NOW)?.kind, 'unverified')
    assert.equal(keeper.addCertificates(all[2]!.certificate.text + stranger.certificate.text, NOW), 1)
    assert.equal(keeper.recheck('ns', NOW)?.kind, 'taken')
    // The other two are still worth fetching: clients may ask us for them.
    assert.equal(keeper.missingCertificates(NOW).length, 2)
  })

  test('expired and damaged certificates are not kept', () => {
    const keeper = new ConsensusKeeper(all.map(authority => authority.identity))
    const [first, second] = all as [TinyAuthority, TinyAuthority]
    assert.equal(keeper.addCertificates(first.certificate.text, first.certificate.expires), 0)
    const damaged = second.certificate.text.replace('dir-key-expires', 'dir-key-expired')
    assert.equal(keeper.addCertificates(`rubbish\n${damaged}${first.certificate.text}`, NOW), 1)
  })
})
