import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MalformedError } from '../../main/lib/bytes.ts'

/** Runs a decoder on bytes from outside: it may give a value or throw MalformedError, nothing else. */
export function decodesOrRefuses(decode: (bytes: Buffer) => unknown, bytes: Uint8Array): boolean {
  try {
    decode(Buffer.from(bytes))
    return true
  } catch (error) {
    assert.ok(error instanceof MalformedError, `${bytes.length} bytes ${Buffer.from(bytes).toString('hex')} threw ${error}`)
    return false
  }
}

/** Random bytes, and mutations (flips, cuts, additions) of good encodings, through {@link decodesOrRefuses}. */
export function neverThrowsAnythingElse(decode: (bytes: Buffer) => unknown, good: readonly Uint8Array[], maxLength = 600): void {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength }), bytes => {
      decodesOrRefuses(decode, bytes)
    }),
    { numRuns: 300 },
  )
  for (const bytes of good) {
    for (let length = 0; length < bytes.length; length++) decodesOrRefuses(decode, bytes.subarray(0, length))
    decodesOrRefuses(decode, Buffer.concat([bytes, Buffer.from([0])]))
    decodesOrRefuses(decode, Buffer.concat([bytes, bytes]))
    const mutation = fc.record({ at: fc.nat(Math.max(bytes.length - 1, 0)), to: fc.nat(255), cut: fc.nat(bytes.length) })
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), mutations => {
        const copy = Buffer.from(bytes)
        for (const { at, to } of mutations) copy[at] = to
        decodesOrRefuses(decode, mutations[0]!.cut % 3 === 0 ? copy.subarray(0, mutations[0]!.cut) : copy)
      }),
      { numRuns: 200 },
    )
  }
}

/** Every proper prefix of these bytes has to be refused. */
export function refusesEveryTruncation(decode: (bytes: Buffer) => unknown, good: Uint8Array): void {
  assert.ok(decodesOrRefuses(decode, good), 'the whole encoding is good')
  for (let length = 0; length < good.length; length++) {
    assert.equal(decodesOrRefuses(decode, good.subarray(0, length)), false, `cut to ${length} of ${good.length} bytes`)
  }
}
