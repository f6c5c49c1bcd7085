export class Protocols {
  static parse(_text: string): Protocols {
    throw new Error('not yet')
  }
  supports(_name: string, _version: number): boolean {
    throw new Error('not yet')
  }
  /** What `other` asks for and this lacks, e.g. "Link=5 Relay=3-4"; empty when nothing is missing. */
  missingFrom(_other: Protocols): string {
    throw new Error('not yet')
  }
  toString(): string {
    throw new Error('not yet')
  }
}
