import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { AppStartError } from '../../../main/app/app-start-error.ts'
import { NoPicture, type PageCamera } from '../../../main/app/compare/camera.ts'
import { CompareDesk, type CompareDeskOptions } from '../../../main/app/compare/compare-desk.ts'
import { ProxyRefused } from '../../../main/perspective/proxy-target.ts'
import { type CompareColumn, type CompareRequest, compareCalls, compareState } from '../../../shared/compare.ts'
import { answer, WebServer } from './web-server.ts'

const RELAY = 'C'.repeat(40)
const request = (own: Partial<CompareRequest> = {}): CompareRequest => ({
  url: 'http://news.example/',
  places: [{ kind: 'country', country: 'se' }, { kind: 'tor' }, { kind: 'home' }],
  pictures: false,
  ...own,
})

describe('comparisons', () => {
  let server: WebServer
  let desks: CompareDesk[]
  let answers: () => Buffer | undefined
  beforeEach(async () => {
    desks = []
    answers = () => answer('hello')
    server = await WebServer.start(socket => {
      const text = answers()
      if (text) socket.write(text)
    })
  })
  afterEach(async () => {
    for (const desk of desks) await desk.stop()
    await server.close()
  })

  function open(own: Partial<CompareDeskOptions> = {}): CompareDesk {
    const { handler } = server.way([], RELAY)
    const desk = new CompareDesk({
      perspective: {
        open: (asked, signal) =>
          asked.choice?.kind === 'tor' ? Promise.reject(new ProxyRefused('no-relay')) : handler.open(asked, signal),
      },
      home: { open: async (asked, signal) => ({ ...(await handler.open(asked, signal)), through: undefined }) },
      camera: undefined,
      extraRoots: () => [],
      relay: () => ({ nickname: 'Linnaeus\u202e', country: 'se' }),
      lock: () => undefined,
      ...own,
    })
    desks.push(desk)
    return desk
  }
  const call = (desk: CompareDesk, name: keyof typeof compareCalls, argument?: unknown) => desk.answer(name, argument)
  /** Resolves when the state is so. */
  async function until(
    desk: CompareDesk,
    is: (state: NonNullable<CompareDesk['state']>) => boolean,
  ): Promise<NonNullable<CompareDesk['state']>> {
    while (!desk.state || !is(desk.state)) await new Promise<void>(resolve => void desk.onChange.add(resolve))
    return compareState.parse(desk.state)
  }
  const column = (desk: CompareDesk, id: number, at: number) =>
    compareCalls['compare.column'].result.parse(call(desk, 'compare.column', { id, column: at })) as CompareColumn
  const isCode = (code: string) => (error: unknown) => error instanceof AppStartError && error.problem.code === code

  test('every place goes on by itself, and says what it saw or why not', async () => {
    const desk = open()
    assert.equal(desk.state, null)
    const { id } = call(desk, 'compare.start', request({ url: 'http://me:secret@news.example/#x' })) as { id: number }
    assert.throws(() => call(desk, 'compare.column', { id, column: 0 }), isCode('not-found'), 'while it is under way')
    const state = await until(desk, ({ running }) => !running)
    assert.equal(state.url, 'http://news.example/')
    assert.deepEqual(
      state.columns.map(({ through, step, picture }) => [through?.nickname, step, picture]),
      [
        ['Linnaeus', 'done', 'none'],
        [undefined, 'done', 'none'],
        [undefined, 'done', 'none'],
      ],
    )
    assert.deepEqual(
      [0, 1, 2].map(at => column(desk, id, at).failure),
      [undefined, 'no-relay', undefined],
    )
    assert.deepEqual(column(desk, id, 2).page!.lines, ['hello'])
    assert.throws(() => call(desk, 'compare.column', { id: id + 1, column: 0 }), isCode('not-found'))
    assert.throws(() => call(desk, 'compare.picture', { id, column: 0 }), isCode('not-found'))
    call(desk, 'compare.close')
    assert.equal(desk.state, null)
    assert.throws(() => call(desk, 'compare.column', { id, column: 0 }), isCode('not-found'))
  })

  test('are locked exactly when browsing is: not for Tor and the own line', async () => {
    const desk = open({ lock: () => 'not-stable' })
    assert.throws(() => call(desk, 'compare.start', request()), isCode('perspective-locked'))
    assert.throws(
      () => call(desk, 'compare.start', request({ places: [{ kind: 'relay', fingerprint: RELAY }, { kind: 'home' }] })),
      isCode('perspective-locked'),
    )
    assert.equal(server.requests.length, 0)
    call(desk, 'compare.start', request({ places: [{ kind: 'tor' }, { kind: 'home' }] }))
    await until(desk, ({ running }) => !running)
  })

  test('cancelled, what was found stays; another one takes the place of the last', async () => {
    const left = [answer('hello')]
    answers = () => left.pop()
    const desk = open()
    const { id } = call(desk, 'compare.start', request()) as { id: number }
    await until(desk, ({ columns }) => columns.filter(({ step }) => step === 'done').length === 2)
    call(desk, 'compare.cancel')
    await until(desk, ({ running }) => !running)
    assert.deepEqual([0, 1, 2].map(at => column(desk, id, at).failure ?? 'page').sort(), ['cancelled', 'no-relay', 'page'])
    answers = () => undefined
    const second = call(desk, 'compare.start', request()) as { id: number }
    const third = call(desk, 'compare.start', request()) as { id: number }
    assert.notEqual(second.id, third.id)
    assert.equal(desk.state!.id, third.id)
    await desk.stop()
    await server.left()
  })

  test('nonsense is refused by the contract', () => {
    const { argument } = compareCalls['compare.start']
    const se = { kind: 'country', country: 'se' } as const
    const places = ['se', 'de', 'nl', 'fr', 'jp'].map(country => ({ kind: 'country', country }) as const)
    assert.ok(argument.safeParse(request()).success)
    assert.ok(argument.safeParse(request({ places: [...places.slice(0, 4), { kind: 'home' }] })).success)
    for (const wrong of [
      request({ places: [se] }),
      request({ places: [se, se] }),
      request({ places }),
      request({ places: [...places, { kind: 'home' }] }),
      request({ places: [se, { kind: 'country', country: 'SE' }] }),
      request({ url: 'file:///etc/passwd' }),
      request({ url: `http://${'x'.repeat(2000)}` }),
    ])
      assert.equal(argument.safeParse(wrong).success, false, JSON.stringify(wrong).slice(0, 100))
    assert.throws(() => call(open(), 'compare.start', request({ url: 'http://' })), isCode('bad-request'))
  })

  describe('pictures', () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex')

    test('are taken over a proxy of their own that leads through the same relay, two at a time', async () => {
      const seen: string[] = []
      let now = 0
      let most = 0
      const camera: PageCamera = {
        async take({ url, proxy }) {
          most = Math.max(most, ++now)
          const socket = connect(proxy.port, proxy.host)
          socket.write(Buffer.from([5, 1, 0, 5, 1, 0, 3, 9, ...Buffer.from('a.example'), 0, 80]))
          await once(socket, 'data')
          seen.push(url)
          socket.destroy()
          now--
          return { png, width: 10, height: 5 }
        },
      }
      const places = ['se', 'de', 'nl', 'fr'].map(country => ({ kind: 'country', country }) as const)
      const desk = open({ camera })
      const { id } = call(desk, 'compare.start', request({ pictures: true, places: [...places, { kind: 'home' }] })) as { id: number }
      await until(desk, ({ running }) => !running)
      assert.deepEqual(call(desk, 'compare.picture', { id, column: 4 }), { png: png.toString('base64'), width: 10, height: 5 })
      assert.equal(seen.length, 5)
      assert.ok(most <= 2, `${most} at once`)
    })

    test('that fail, are too large or come too late for a cancelled comparison say so', async () => {
      let count = 0
      const taking = Promise.withResolvers<void>()
      const camera: PageCamera = {
        take: async (_page, signal) => {
          count++
          if (count === 1) throw new NoPicture('ERR_CERT_INVALID')
          if (count === 2) return { png: Buffer.alloc(3_000_000), width: 1, height: 1 }
          taking.resolve()
          return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        },
      }
      const places = ['se', 'de', 'nl'].map(country => ({ kind: 'country', country }) as const)
      const desk = open({ camera })
      const { id } = call(desk, 'compare.start', request({ pictures: true, places })) as { id: number }
      await taking.promise
      call(desk, 'compare.cancel')
      const { columns } = await until(desk, ({ running }) => !running)
      assert.deepEqual(
        columns.map(({ picture }) => picture),
        ['failed', 'failed', 'failed'],
      )
      assert.deepEqual([0, 1, 2].map(at => column(desk, id, at).pictureFailure).sort(), ['ERR_CERT_INVALID', 'cancelled', 'too large'])
    })
  })
})
