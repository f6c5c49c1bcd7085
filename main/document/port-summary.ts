export class PortSummary {
  readonly kind: 'accept' | 'reject' = 'reject'
  readonly ranges: readonly { readonly low: number; readonly high: number }[] = []
  static parse(_text: string): PortSummary {
    throw new Error('not yet')
  }
  allows(_port: number): boolean {
    throw new Error('not yet')
  }
  toString(): string {
    throw new Error('not yet')
  }
}
