import assert from 'node:assert/strict'
import { dials, dnsQuestions, type Packet } from './capture.ts'
import { ADDRESS, HERE, INSIDE, type Lab } from './lab.ts'

/** Runs something and gives what the server's host sent and got meanwhile. */
export async function seen<T>(lab: Lab, action: () => Promise<T>): Promise<{ result: T; packets: Packet[] }> {
  const mark = await lab.capture.mark()
  const result = await action()
  return { result, packets: await lab.capture.since(mark) }
}

/** Neither did it ask a DNS server, nor dial anything but ports that relays list; of those none of `callers`. */
export function assertQuiet(lab: Lab, packets: readonly Packet[], callers: readonly string[]): void {
  assert.deepEqual(dnsQuestions(packets), [], 'no DNS question left')
  const relays = [...lab.network.routers.map(({ address }) => address), ADDRESS.server, ADDRESS.virtual, ADDRESS.browser, ...HERE]
  const strange = dials(packets).filter(to => {
    const address = to.slice(0, to.lastIndexOf(':'))
    return callers.includes(address) || !relays.includes(address) || INSIDE.includes(address as never)
  })
  assert.deepEqual(strange, [], 'nothing was dialled')
}
