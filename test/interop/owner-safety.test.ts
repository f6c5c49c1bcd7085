import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { App } from '../../main/app/app.ts'
import { Log } from '../../main/lib/log.ts'
import { type CallArgument, type CallName, type CallResult, calls } from '../../shared/ipc.ts'
import type { AppState } from '../../shared/state.ts'

const PASSWORD = 'a sentence nobody guesses'

/** The whole app on the practice network, as a host has it. */
class Installation {
  readonly folder: string
  readonly app: App

  private constructor(folder: string) {
    this.folder = folder
    this.app = new App({
      host: 'headless',
      version: '0.1.0',
      network: { kind: 'practice' },
      dataFolder: folder,
      acceptConsent: { relay: true, perspective: true },
      overrides: { socksPort: 0, httpPort: 0 },
      log: new Log(),
    })
  }

  static async start(root: string, name: string): Promise<Installation> {
    const installation = new Installation(join(root, name))
    await installation.app.start()
    return installation
  }

  async call<N extends CallName>(name: N, argument?: CallArgument<N>): Promise<CallResult<N>> {
    const answer = await this.app.call(name, argument)
    if (!answer.ok) throw Object.assign(new Error(answer.problem.code), { problem: answer.problem })
    return calls[name].result.parse(JSON.parse(JSON.stringify(answer.result ?? null)) ?? undefined) as CallResult<N>
  }

  /** Waits until the state is so. */
  async until(what: string, holds: (state: AppState) => boolean, ms = 60_000): Promise<void> {
    const end = Date.now() + ms
    while (!holds(this.app.state)) {
      assert.ok(Date.now() < end, `${what}: ${JSON.stringify(this.app.state.journey)}`)
      await new Promise<void>(resolve => {
        const stop = this.app.onPatch.add(() => {
          stop()
          clearTimeout(timer)
          resolve()
        })
        const timer = setTimeout(() => {
          stop()
          resolve()
        }, 1000)
      })
    }
  }
}

describe('the owner’s safety, on the practice network', { timeout: 180_000 }, () => {
  let root: string
  let first: Installation
  let fingerprint: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'vantage-owner-'))
    first = await Installation.start(root, 'first')
    await first.until('the relay is listed', state => state.relay.flags.includes('Running'))
    fingerprint = first.app.state.identity.fingerprint!
  })
  after(async () => {
    await first?.app.stop()
    await rm(root, { recursive: true, force: true })
  })

  test('T22: diagnostics of a relay at work hold no address, fingerprint or name of anybody', async () => {
    await first.call('settings.update', { contact: 'planted@contact.example' })
    await first.until('it runs again', state => state.relay.running)
    const { text } = await first.call('diagnostics.get')
    assert.match(text, /== Journey/)
    const { relay, perspective, settings } = first.app.state
    const planted = [
      fingerprint,
      relay.address!,
      settings.contact,
      root,
      ...perspective.relays.flatMap(({ fingerprint, nickname, address }) => [fingerprint, nickname, address]),
    ]
    for (const value of planted) assert.ok(!text.includes(value), `${value}\n${text}`)
    assert.doesNotMatch(text.replaceAll('127.0.0.1', ''), /127\.\d+\.\d+\.\d+/)
  })

  test('a block is foretold: how many members of a country it keeps out', async () => {
    const { relays } = first.app.state.perspective
    assert.ok(relays.length > 0)
    const { country } = relays[0]!
    const expected = relays.filter(relay => relay.country === country).length
    const answer = await first.call('blocks.check', { target: country.toUpperCase() })
    assert.ok(answer.ok)
    assert.deepEqual([answer.target, answer.members, answer.of], [`{${country}}`, expected, relays.length])
  })

  test('a policy that cannot be read is refused with its line, and nothing is changed', async () => {
    const { perspectivePolicy } = first.app.state.settings
    await assert.rejects(
      first.call('settings.update', { perspectivePolicy: 'accept *:80\naccept *:http' }),
      (error: { problem: { code: string; detail: object } }) => {
        assert.equal(error.problem.code, 'bad-request')
        assert.deepEqual(
          { ...error.problem.detail, reason: undefined },
          { option: 'perspectivePolicy', line: 2, text: 'accept *:http', reason: undefined },
        )
        return true
      },
    )
    assert.equal(first.app.state.settings.perspectivePolicy, perspectivePolicy)
  })

  test('a moved identity stops here, starts there, and comes back only when told so', async () => {
    const { text } = await first.call('identity.export', { password: PASSWORD, move: true })
    await first.until('it is locked', ({ journey }) => journey.step === 'blocked' && journey.problem.code === 'identity-moved')
    assert.equal(first.app.state.relay.running, false)
    await assert.rejects(first.call('relay.start'), { message: 'identity-moved' })
    assert.equal(first.app.state.relay.running, false)

    const second = await Installation.start(root, 'second')
    try {
      const own = second.app.state.identity.fingerprint!
      assert.notEqual(own, fingerprint)
      await assert.rejects(second.call('identity.import', { text, password: 'not this one', replace: true, stoppedElsewhere: false }), {
        message: 'password-wrong',
      })
      await assert.rejects(second.call('identity.import', { text, password: PASSWORD, replace: false, stoppedElsewhere: false }), {
        message: 'identity-exists',
      })
      assert.equal(second.app.state.relay.fingerprint, own)
      const { keptAs } = await second.call('identity.import', { text, password: PASSWORD, replace: true, stoppedElsewhere: false })
      await second.until('it runs as the other', state => state.relay.running && state.relay.fingerprint === fingerprint)
      assert.equal(second.app.state.identity.fingerprint, fingerprint)
      assert.ok((await readdir(second.folder)).includes(keptAs!))
    } finally {
      await second.app.stop()
    }

    await first.call('identity.keep')
    await first.until('it runs here again', state => state.relay.running && state.relay.fingerprint === fingerprint)
    assert.equal(first.app.state.identity.movedAt, undefined)
  })
})
