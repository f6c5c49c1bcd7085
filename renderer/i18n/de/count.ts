import { plurals } from '../plural.ts'

/** Counts in German; `other` stands last. */
export const count = plurals<'one' | 'other'>('de')
