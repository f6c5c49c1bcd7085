/** Stub. */
export interface DocumentObject {
  readonly kind: string
  readonly bytes: Buffer
}
export interface Token {
  readonly keyword: string
  readonly rest: string
  readonly object?: DocumentObject
  /** Offset of the first character of the keyword line. */
  readonly start: number
  /** Offset just after the item's last newline. */
  readonly end: number
}
export function formatTime(_ms: number): string {
  throw new Error('not yet')
}
export function parseTime(_text: string): number {
  throw new Error('not yet')
}
export function encodeObject(_kind: string, _bytes: Uint8Array): string {
  throw new Error('not yet')
}
