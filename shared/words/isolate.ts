/**
 * Text of the other direction inside a sentence written right to left (a name, an address, a command), kept from turning its neighbours
 * around: U+2068 first strong isolate … U+2069 pop directional isolate.
 */
export const isolate = (text: string): string => `\u2068${text}\u2069`
