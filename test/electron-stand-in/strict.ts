import { EventEmitter } from 'node:events'

/** Names that the language, the inspector and Node ask every object for. */
const ASKED_BY_ALL = new Set([
  'then',
  'toJSON',
  'constructor',
  'prototype',
  'inspect',
  'nodeType',
  '$$typeof',
  'asymmetricMatch',
  '_isMockFunction',
])

/** What can still be asked of an object whose native half is gone: these, and all that an event emitter has. */
const ASKED_OF_THE_DEAD = new Set<PropertyKey>(['isDestroyed', 'destroy', 'id', 'options'])

/**
 * Makes members that the stand-in does not have throw, where JavaScript would answer `undefined` and a test would believe it. Members
 * that begin with `_` are Node's own (event emitters). `isGone`: the object is destroyed, and its members throw as Electron's do then.
 */
export function strict<T extends object>(name: string, target: T, isGone = (): boolean => false): T {
  return new Proxy(target, {
    get(object, key) {
      if (typeof key === 'string' && isGone() && !ASKED_OF_THE_DEAD.has(key) && !ASKED_BY_ALL.has(key) && !(key in EventEmitter.prototype))
        throw new TypeError('Object has been destroyed')
      const value = Reflect.get(object, key, object)
      if (value === undefined && typeof key === 'string' && !(key in object) && !ASKED_BY_ALL.has(key) && !key.startsWith('_'))
        throw new Error(`electron: ${name}.${key} is not in the stand-in`)
      return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value)) ? value.bind(object) : value
    },
  })
}

/** Compiles only while `Mine` has no member that Electron's `Real` has not, but for those that `Own` names. */
export type NothingInvented<Mine, Real, Own extends PropertyKey = never> =
  Exclude<keyof Mine, keyof Real | Own> extends never ? true : never
