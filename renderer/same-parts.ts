const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/**
 * The next value, with every part of it that says the same as before being the same object as before: what looks at such a part need not be
 * drawn anew. For values as JSON has them; lists are compared place by place.
 */
export function withSameParts<T>(before: unknown, next: T): T {
  if (Object.is(before, next)) return next
  if (Array.isArray(before) && Array.isArray(next)) {
    const list = next.map((value, at) => withSameParts(before[at], value))
    return (list.length === before.length && list.every((value, at) => Object.is(value, before[at])) ? before : list) as T
  }
  if (!isPlain(before) || !isPlain(next)) return next
  const entries = Object.entries(next).map(([key, value]) => [key, withSameParts(before[key], value)] as const)
  const same =
    entries.length === Object.keys(before).length && entries.every(([key, value]) => key in before && Object.is(value, before[key]))
  return (same ? before : Object.fromEntries(entries)) as T
}
