import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PracticeGeography, practiceAddress, practicePlace } from '../../main/practice/geography.ts'

test('the country of a practice address can be read off it', () => {
  assert.equal(practiceAddress('se', 10), '127.46.0.10')
  assert.equal(practicePlace('127.46.0.10')?.country, 'se')
  assert.equal(practicePlace('127.46.200.1')?.town, 'Uppsala')
  for (const country of ['se', 'de', 'nl', 'us', 'jp', 'br', 'fr', 'gb']) {
    const address = practiceAddress(country, 254)
    assert.ok(address)
    assert.equal(practicePlace(address)?.country, country)
  }
})

test('what is no practice address lies nowhere', () => {
  for (const address of ['127.0.0.1', '127.2.0.1', '128.46.0.10', '46.46.0.10', '::1', '::ffff:127.46.0.10', 'x', '']) {
    assert.equal(practicePlace(address), undefined, address)
  }
  assert.equal(practiceAddress('xx', 1), undefined)
  assert.equal(practiceAddress('se', 0), undefined)
  assert.equal(practiceAddress('se', 255), undefined)
})

test('relays that share one address are told apart by their port', () => {
  const geography = new PracticeGeography()
  geography.register('127.0.0.1', 9001, 'jp')
  geography.register('127.0.0.1', 9002, 'br')
  assert.equal(geography.country('127.0.0.1', 9001), 'jp')
  assert.equal(geography.country('127.0.0.1', 9002), 'br')
  assert.equal(geography.country('127.0.0.1', 9003), undefined)
  assert.equal(geography.country('127.0.0.1'), undefined)
  assert.equal(geography.country('127.49.0.10', 9001), 'de')
})
