import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseConsensus } from '../../main/document/consensus.ts'
import { isSignatureGood } from '../../main/document/consensus-signature.ts'
import { formatDetachedSignatures, parseDetachedSignatures } from '../../main/document/detached-signature.ts'
import { parseKeyCertificate, splitKeyCertificates } from '../../main/document/key-certificate.ts'
import { MalformedError } from '../../main/lib/bytes.ts'
import { mutations, stockTor, survives } from './fixtures.ts'

const text = stockTor('consensus-signatures')

test('what stock tor sends is read, verified and written alike', () => {
  const read = parseDetachedSignatures(text)
  assert.equal(formatDetachedSignatures(read), text)
  const certificates = splitKeyCertificates(stockTor('key-certificates')).map(parseKeyCertificate)
  for (const flavor of ['ns', 'microdesc'] as const) {
    const digest = Buffer.from(read.digests.get(flavor)!, 'hex')
    const signatures = read.signatures.get(flavor)!
    assert.equal(signatures.length, 3)
    for (const signature of signatures) {
      const certificate = certificates.find(({ identity }) => identity === signature.identity)!
      assert.equal(isSignatureGood(digest, signature, certificate), true)
      assert.equal(isSignatureGood(Buffer.alloc(digest.length), signature, certificate), false)
      assert.equal(isSignatureGood(digest, signature, certificates.find(({ identity }) => identity !== signature.identity)!), false)
    }
  }
})

test('made from a consensus', () => {
  const [ns, microdesc] = ['consensus', 'consensus-microdesc'].map(name => parseConsensus(stockTor(name))) as [
    ReturnType<typeof parseConsensus>,
    ReturnType<typeof parseConsensus>,
  ]
  const hex = (digest: Buffer) => digest.toString('hex').toUpperCase()
  const value = {
    validAfter: ns.validAfter,
    freshUntil: ns.freshUntil,
    validUntil: ns.validUntil,
    digests: new Map([['ns', hex(ns.digest)] as const, ['microdesc', hex(microdesc.digest)] as const]),
    signatures: new Map([['ns', ns.signatures] as const, ['microdesc', microdesc.signatures] as const]),
  }
  assert.deepEqual(parseDetachedSignatures(formatDetachedSignatures(value)), value)
})

test('unknown flavors and algorithms are skipped, rubbish is refused', () => {
  const more = text.replace(
    'additional-digest',
    `additional-digest other sha256 00\nadditional-digest microdesc sha512 00\nadditional-digest`,
  )
  assert.deepEqual(parseDetachedSignatures(more), parseDetachedSignatures(text))
  for (const bad of [
    '',
    text.replace(/^consensus-digest \S+/m, 'consensus-digest 12'),
    text.replace(/^valid-after .*\n/m, ''),
    text.replace(/^directory-signature[\s\S]*$/m, ''),
    text.replace(/^directory-signature \S+/m, 'directory-signature x'),
    text.replaceAll('SIGNATURE-----', 'SIGNATUR-----'),
    `x\n${text}`,
    text + 'x'.repeat(300_000),
  ]) {
    assert.throws(() => parseDetachedSignatures(bad), MalformedError)
  }
  fc.assert(
    fc.property(mutations(text), changed => void survives(() => parseDetachedSignatures(changed))),
    { numRuns: 200 },
  )
})
