import { plurals } from '../plural.ts'

/** Counts in English; `other` stands last. */
export const count = plurals<'one' | 'other'>('en')
