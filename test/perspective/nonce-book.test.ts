import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NONCE_PATH, NonceBook } from '../../main/perspective/nonce-book.ts'

test('T12: a nonce is answered once, and says from where it was asked', async () => {
  const book = new NonceBook()
  const nonce = book.issue()
  assert.match(nonce.value, /^[0-9a-f]{64}$/)
  assert.equal(book.answer(nonce.path, '192.0.2.1'), nonce.value)
  assert.equal(await nonce.seenFrom, '192.0.2.1')
  assert.equal(book.answer(nonce.path, '192.0.2.1'), undefined)
})

test('a forgotten or unknown nonce is not answered, nor any other path', () => {
  const book = new NonceBook()
  const nonce = book.issue()
  nonce.forget()
  assert.equal(book.answer(nonce.path, '192.0.2.1'), undefined)
  assert.equal(book.answer(`${NONCE_PATH}${'0'.repeat(32)}`, '192.0.2.1'), undefined)
  assert.equal(book.answer('/tor/server/authority', '192.0.2.1'), undefined)
})
