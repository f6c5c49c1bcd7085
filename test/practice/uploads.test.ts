import assert from 'node:assert/strict'
import { before, beforeEach, describe, test } from 'node:test'
import { PortSummary } from '../../main/document/exit-policy.ts'
import type { ServerDescriptorKeys } from '../../main/document/server-descriptor.ts'
import { DescriptorRegistry, type UploadAnswer } from '../../main/practice/uploads.ts'
import { documents, fingerprintOf, NOW, relayKeys, signingKey } from './relay-fixture.ts'

const HOUR = 3_600_000
const TAKEN: UploadAnswer = { status: 200, reason: '[None]', notNew: false }
const NOT_NEW: UploadAnswer = { status: 200, reason: 'OK', notNew: true }

let keys: ServerDescriptorKeys
let others: ServerDescriptorKeys
let registry: DescriptorRegistry
before(async () => {
  ;[keys, others] = await Promise.all([relayKeys(), relayKeys()])
})
beforeEach(() => {
  registry = new DescriptorRegistry({ now: () => NOW, allowPrivate: true, ownFingerprint: 'F'.repeat(40) })
})

const upload = (...texts: string[]) => registry.upload(Buffer.from(texts.join('')))
const refused = (reason: string): UploadAnswer => ({ status: 400, reason, notNew: false })

describe('an upload', () => {
  test('of descriptor and extra-info is taken and kept byte for byte', () => {
    const { descriptor, extraInfo } = documents(keys, {}, ['padding-counts 2025-01-01 00:00:00 (86400 s) x=1'])
    assert.deepEqual(upload(descriptor, extraInfo), TAKEN)
    const kept = registry.get(fingerprintOf(keys))!
    assert.equal(kept.text, descriptor)
    assert.equal(registry.byDigest(kept.digest)?.text, descriptor)
    assert.equal(registry.extraInfo(kept.extraInfoDigest!.sha1)?.text, extraInfo)
    assert.equal(registry.size, 1)
  })

  test('of two relays at once takes both', () => {
    const first = documents(keys).descriptor
    const second = documents(others, { nickname: 'Other', orPort: 9002 }).descriptor
    assert.deepEqual(upload(first, second), TAKEN)
    assert.equal(registry.size, 2)
  })

  test('tells listeners what is new and what it replaces', () => {
    const seen: (string | undefined)[] = []
    registry.onAccepted.add((descriptor, previous) => seen.push(`${descriptor.orPort} after ${previous?.orPort}`))
    upload(documents(keys).descriptor)
    upload(documents(keys, { orPort: 9002, published: NOW + 1000 }).descriptor)
    assert.deepEqual(seen, ['9001 after undefined', '9002 after 9001'])
  })

  const rows: [name: string, body: () => string | Buffer, answer: UploadAnswer][] = [
    ['rubbish is passed over without a word', () => 'x', TAKEN],
    ['an empty body too', () => '', TAKEN],
    ['broken UTF-8', () => Buffer.from([0x72, 0xff, 0xfe]), refused('descriptor(s) or extrainfo(s) not valid UTF-8 or had BOM.')],
    [
      'a byte order mark',
      () => `\ufeff${documents(keys).descriptor}`,
      refused('descriptor(s) or extrainfo(s) not valid UTF-8 or had BOM.'),
    ],
    ['a broken signature is dropped without a word', () => documents(keys).descriptor.replace('uptime 600', 'uptime 601'), TAKEN],
    [
      'one that is too large',
      () => documents(keys).descriptor.replace('uptime 600', `contact ${'x'.repeat(20_000)}\nuptime 600`),
      refused('Router descriptor was too large.'),
    ],
    [
      'a clock far ahead',
      () => documents(keys, { published: NOW + 13 * HOUR }).descriptor,
      refused('Rejected: Your clock is set too far in the future, or your timezone is not correct.'),
    ],
    [
      'an old one',
      () => documents(keys, { published: NOW - 25 * HOUR }).descriptor,
      refused('Rejected: Server is expired, or your clock is too far in the past, or your timezone is not correct.'),
    ],
    [
      'an outdated C tor',
      () => documents(keys, { platform: 'Tor 0.4.7.16 on Linux' }).descriptor,
      refused('Tor version is insecure or unsupported. Please upgrade!'),
    ],
    [
      'one that calls itself C tor without a version',
      () => documents(keys, { platform: 'Tor perspective 0.1' }).descriptor,
      refused('Malformed platform string.'),
    ],
    ['a current C tor', () => documents(keys, { platform: 'Tor 0.4.9.11 on Linux' }).descriptor, TAKEN],
    ['another program', () => documents(keys, { platform: 'perspective-relay 0.1.0 on Linux' }).descriptor, TAKEN],
    ['expired certificates', () => documents({ ...keys, signing: signingKey(keys.edIdentity, NOW - 2 * HOUR) }).descriptor, NOT_NEW],
    ['an extra-info alone', () => documents(keys).extraInfo, refused('No corresponding router descriptor for extra-info descriptor')],
  ]
  for (const [name, body, answer] of rows) {
    test(`table: ${name}`, () => assert.deepEqual(registry.upload(Buffer.from(body())), answer))
  }

  test('private addresses only where they are allowed', () => {
    const strict = new DescriptorRegistry({ now: () => NOW, allowPrivate: false, ownFingerprint: '' })
    assert.deepEqual(strict.upload(Buffer.from(documents(keys).descriptor)), refused('Rejected: Address is a private address.'))
    assert.deepEqual(strict.upload(Buffer.from(documents(keys, { address: '8.8.8.8' }).descriptor)), TAKEN)
  })
})

describe('a second upload', () => {
  const later = NOW + 60_000
  const portSummary = PortSummary.parse('accept 80,443')
  const perspective = { version: 1, port: 9003, admits: 'stable', policy: portSummary } as const
  const rows: [name: string, fields: Parameters<typeof documents>[1], taken: boolean][] = [
    ['nothing changed', {}, false],
    ['perspective access added', { perspective }, false],
    ['uptime a little off', { uptimeSeconds: 5000 }, false],
    ['observed bandwidth a little up', { bandwidth: { rate: 10_000_000, burst: 10_000_000, observed: 1_900_000 } }, false],
    ['contact added', { contact: 'me' }, true],
    ['address', { address: '127.46.0.11' }, true],
    ['OR port', { orPort: 9002 }, true],
    ['Dir port', { dirPort: 0 }, true],
    ['nickname', { nickname: 'Carolus' }, true],
    ['nickname in other letters', { nickname: 'LINNAEUS' }, false],
    ['platform', { platform: 'Vantage 2 on Linux' }, true],
    ['hibernating', { hibernating: true }, true],
    ['family', { family: [`$${'A'.repeat(40)}`] }, true],
    ['bandwidth rate', { bandwidth: { rate: 9_000_000, burst: 10_000_000, observed: 1_000_000 } }, true],
    ['observed bandwidth tripled', { bandwidth: { rate: 10_000_000, burst: 10_000_000, observed: 3_000_000 } }, true],
    ['observed bandwidth fallen', { bandwidth: { rate: 10_000_000, burst: 10_000_000, observed: 400_000 } }, true],
    ['IPv6 address', { orAddress6: { address: '2001:db8::1', port: 9001 } }, true],
    ['two hours passed', { published: NOW + 2 * HOUR + 1000, uptimeSeconds: 600 }, true],
  ]
  for (const [name, fields, taken] of rows) {
    test(`${taken ? 'counts' : 'is cosmetic'}: ${name}`, () => {
      upload(documents(keys).descriptor)
      const { descriptor, extraInfo } = documents(keys, { published: later, uptimeSeconds: 660, ...fields })
      assert.deepEqual(upload(descriptor, extraInfo), taken ? TAKEN : NOT_NEW)
      assert.equal(registry.get(fingerprintOf(keys))!.text === descriptor, taken)
    })
  }

  test('the authority takes its own relay whatever it says', () => {
    const own = new DescriptorRegistry({ now: () => NOW, allowPrivate: true, ownFingerprint: fingerprintOf(keys) })
    own.upload(Buffer.from(documents(keys).descriptor))
    assert.deepEqual(own.upload(Buffer.from(documents(keys, { published: later, uptimeSeconds: 660 }).descriptor)), TAKEN)
  })

  test('of the same or an older document is not new', () => {
    const { descriptor } = documents(keys)
    upload(descriptor)
    assert.deepEqual(upload(descriptor), NOT_NEW)
    assert.deepEqual(upload(documents(keys, { published: NOW - 1000, orPort: 9002 }).descriptor), NOT_NEW)
    assert.equal(registry.get(fingerprintOf(keys))!.text, descriptor)
  })

  test('with one of the two identities exchanged is refused', () => {
    upload(documents(keys).descriptor)
    const stolenRsa = { ...others, rsa: keys.rsa }
    const stolenEd25519 = { ...keys, rsa: others.rsa }
    for (const mixed of [stolenRsa, stolenEd25519]) {
      const answer = upload(documents(mixed, { published: later, orPort: 9002 }).descriptor)
      assert.equal(answer.status, 400)
      assert.match(answer.reason, /^Looks like your keypair has changed\?/)
    }
    assert.equal(registry.size, 1)
  })

  test('leaves the replaced descriptor to be had by digest for a while', () => {
    const digests = [0, 1, 2, 3, 4].map(n => {
      upload(documents(keys, { orPort: 9001 + n, published: NOW + n * 1000 }).descriptor)
      return registry.get(fingerprintOf(keys))!.digest
    })
    assert.deepEqual(
      digests.map(digest => registry.byDigest(digest) !== undefined),
      [false, true, true, true, true],
    )
  })
})

describe('an extra-info', () => {
  test('must be the one its descriptor names', () => {
    const { descriptor } = documents(keys)
    const { extraInfo } = documents(keys, {}, ['x-other 1'])
    upload(descriptor)
    assert.deepEqual(upload(extraInfo), refused('Extrainfo digest did not match value from routerdesc'))
  })

  test('must be as new as its descriptor', () => {
    upload(documents(keys).descriptor)
    const message = 'Extrainfo published time did not match routerdesc'
    assert.deepEqual(upload(documents(keys, { published: NOW - 1000 }).extraInfo), refused(message))
    assert.deepEqual(upload(documents(keys, { published: NOW + 1000 }).extraInfo), NOT_NEW)
  })

  test('must be signed by its relay', () => {
    upload(documents(keys).descriptor)
    assert.deepEqual(
      upload(documents({ ...others, rsa: keys.rsa }).extraInfo),
      refused("Extrainfo signing key cert didn't match routerinfo"),
    )
  })

  test('that is too large is refused', () => {
    const { descriptor, extraInfo } = documents(keys)
    upload(descriptor)
    const large = extraInfo.replace('\npublished', `\nx-large ${'x'.repeat(50_000)}\npublished`)
    assert.deepEqual(upload(large), refused('Extrainfo document was too large'))
  })
})
