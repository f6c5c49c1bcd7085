import { compareCalls } from '../../../shared/compare.ts'
import type { CallArgument, CallName, CallResult } from '../../../shared/ipc.ts'
import type { AppState } from '../../../shared/state.ts'
import { Listeners } from '../../lib/service.ts'
import { AppStartError } from '../app-start-error.ts'
import { type CompareWorld, Comparison } from './comparison.ts'

export type CompareCallName = keyof typeof compareCalls

export function isCompareCall(name: CallName): name is CompareCallName {
  return Object.hasOwn(compareCalls, name)
}

type Answers = { readonly [N in CompareCallName]: (argument: CallArgument<N>) => CallResult<N> }

export interface CompareDeskOptions extends CompareWorld {
  /** Why one-hop browsing is locked; undefined when it is not. */
  lock(): AppState['perspective']['locks'][number] | undefined
}

/** Answers the calls of shared/compare.ts. There is one comparison at a time, and its results last until they are closed or others come. */
export class CompareDesk {
  readonly onChange = new Listeners<[]>()
  readonly #o: CompareDeskOptions
  #current: Comparison | undefined
  readonly #ending = new Set<Promise<void>>()
  #count = 0
  readonly #answers: Answers = {
    'compare.start': request => this.#start(request),
    'compare.column': ({ id, column }) => this.#found(this.#of(id)?.column(column)),
    'compare.picture': ({ id, column }) => {
      const { png, width, height } = this.#found(this.#of(id)?.picture(column))
      return { png: png.toString('base64'), width, height }
    },
    'compare.cancel': () => {
      this.#current?.cancel()
      return undefined
    },
    'compare.close': () => {
      this.#current?.cancel()
      this.#current = undefined
      this.onChange.emit()
      return undefined
    },
  }

  constructor(options: CompareDeskOptions) {
    this.#o = options
  }

  get state(): AppState['compare'] {
    return this.#current?.state ?? null
  }

  answer(name: CompareCallName, argument: unknown): unknown {
    // The argument was checked against the schema of this very name.
    return (this.#answers[name] as (argument: unknown) => unknown)(argument)
  }

  /** Locked exactly when browsing is: one hop needs everything unlocked; Tor circuits and the own line do not. */
  #start(request: CallArgument<'compare.start'>): { id: number } {
    const url = URL.parse(request.url)
    if (!url || url.hostname === '') throw new AppStartError('bad-request', { call: 'compare.start' })
    // Names and passwords in an address are for one site to know, and not needed to compare it.
    url.username = url.password = url.hash = ''
    const lock = this.#o.lock()
    if (lock !== undefined && request.places.some(({ kind }) => kind === 'country' || kind === 'relay'))
      throw new AppStartError('perspective-locked', { why: lock })
    this.#current?.cancel()
    const comparison = new Comparison(++this.#count, { ...request, url: url.href }, this.#o)
    this.#current = comparison
    const ended = comparison.ended.finally(() => this.#ending.delete(ended))
    this.#ending.add(ended)
    comparison.onChange.add(() => {
      if (this.#current === comparison) this.onChange.emit()
    })
    this.onChange.emit()
    return { id: comparison.id }
  }

  #of(id: number): Comparison | undefined {
    return this.#current?.id === id ? this.#current : undefined
  }

  #found<T>(value: T | undefined): T {
    if (value === undefined) throw new AppStartError('not-found')
    return value
  }

  /** Ends what is under way, and forgets everything. */
  async stop(): Promise<void> {
    this.#current?.cancel()
    this.#current = undefined
    await Promise.all(this.#ending)
  }
}
