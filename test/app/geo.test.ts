import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GeoDatabase } from '../../main/app/geo.ts'

test('the shipped data knows countries of both families, and when it was made', () => {
  const geo = new GeoDatabase()
  assert.equal(geo.country('8.8.8.8'), 'us')
  assert.equal(geo.country('2001:4860:4860::8888'), 'us')
  assert.match(geo.source ?? '', /^ip-location-db, 20\d\d-\d\d-\d\d$/)
})

test('addresses that belong to no country have none', () => {
  const geo = new GeoDatabase()
  for (const address of ['10.0.0.1', '127.0.0.1', '::1', 'fe80::1']) assert.equal(geo.country(address), undefined, address)
})

test('without its file it knows nothing, and nothing breaks', () => {
  const geo = new GeoDatabase('/nonexistent/country.mmdb')
  assert.equal(geo.country('8.8.8.8'), undefined)
  assert.equal(geo.source, undefined)
  const noDatabase = new GeoDatabase(import.meta.filename)
  assert.equal(noDatabase.country('8.8.8.8'), undefined)
})
