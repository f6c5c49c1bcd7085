import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { RelayRun } from '../../main/app/relay-run.ts'
import { DirectoryClient } from '../../main/directory/client.ts'
import { NetworkDirectory } from '../../main/directory/network-directory.ts'
import { Log } from '../../main/lib/log.ts'
import { COMPRESSED_TIMING } from '../../main/perspective/node-timing.ts'
import { ServerRecords } from '../../main/perspective/server-records.ts'
import { PracticeNetwork } from '../../main/practice/network.ts'
import { settings } from '../../shared/settings.ts'
import { until } from './stock-network.ts'

test('where 127.0.0.1 is the only loopback address, a newcomer of the practice network still proves its ports and is listed', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vantage-single-'))
  const log = new Log()
  const practice = new PracticeNetwork({ folder: join(folder, 'practice'), singleAddress: true })
  await practice.start()
  const client = new DirectoryClient({})
  const directory = new NetworkDirectory({
    authorities: practice.authorities,
    folder: join(folder, 'directory'),
    client,
    schedule: { compressed: true },
  })
  const records = new ServerRecords({
    folder: join(folder, 'perspective'),
    log: log.scoped('perspective'),
    accessLog: () => ({ hours: 0, truncate: false }),
  })
  await records.start()
  await directory.start()
  const run = await RelayRun.start({
    options: {
      host: 'headless',
      version: '0',
      network: { kind: 'practice' },
      dataFolder: folder,
      acceptConsent: { relay: true, perspective: true },
      overrides: {},
    },
    mayPublish: () => true,
    settings: settings.parse({}),
    network: {
      kind: 'practice',
      authorities: practice.authorities,
      testing: true,
      practice,
      timing: COMPRESSED_TIMING,
      resolver: practice.resolver,
      countryOf: (address, port) => practice.geography.country(address, port),
      countryData: undefined,
      systemOf: () => undefined,
      systemData: undefined,
      allowPrivate: (address, port) => practice.allowPrivate(address, port),
      stop: () => practice.stop(),
    },
    directory,
    records,
    perspective: true,
    log,
    client: {
      unlocked: () => false,
      ownFlags: () => new Set(),
      choice: () => undefined,
      preferences: () => ({ favourites: [], excluded: [] }),
      corrections: () => [],
    },
  })
  try {
    assert.equal(practice.homeAddress, '127.0.0.1')
    for (const port of ['or', 'dir', 'pa'] as const)
      await until(`the ${port} port is proved`, () => run.portState(port).proof.state === 'proved', 20_000)
    const { fingerprint } = run.node.options.keys
    await until('it is Running', () => directory.consensus?.byFingerprint.get(fingerprint)?.flags.has('Running'), 30_000)
    assert.equal(run.countryOf('127.0.0.1', run.node.relay.orPort.port), 'no')
  } finally {
    await run.stop()
    await directory.stop()
    await records.stop()
    await practice.stop()
    await rm(folder, { recursive: true, force: true })
  }
})
