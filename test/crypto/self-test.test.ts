import { test } from 'node:test'
import { cryptoSelfTest } from '../../main/crypto/self-test.ts'

test('the crypto library under these tests gives every known answer', () => {
  cryptoSelfTest()
})
