/** Bytes of stream data held for slow receivers by many circuits together; whoever takes `used` over `limit` closes its circuit. */
export interface MemoryBudget {
  used: number
  limit: number
}
