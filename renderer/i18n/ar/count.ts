import { plurals } from '../plural.ts'

/** Counts in Arabic, with its six forms; `other` stands last. */
export const count = plurals<'zero' | 'one' | 'two' | 'few' | 'many' | 'other'>('ar-u-nu-latn')

/** Things that are counted in several places. */
export const relays = {
  zero: 'لا مرحّلات',
  one: 'مرحّل واحد',
  two: 'مرحّلان',
  few: '# مرحّلات',
  many: '# مرحّلًا',
  other: '# مرحّل',
}
export const countries = {
  zero: 'لا بلدان',
  one: 'بلد واحد',
  two: 'بلدان اثنان',
  few: '# بلدان',
  many: '# بلدًا',
  other: '# بلد',
}
export const streams = {
  zero: 'لا تدفّقات',
  one: 'تدفّق واحد',
  two: 'تدفّقان',
  few: '# تدفّقات',
  many: '# تدفّقًا',
  other: '# تدفّق',
}
