import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dials, dnsQuestions, endedAt, type Packet, PcapReader } from './capture.ts'

/** One frame of a pcap file: record header 16 · LINUX_SLL2 20 · what follows. */
function frame(ethertype: number, type: number, packet: Buffer): Buffer {
  const sll = Buffer.alloc(20)
  sll.writeUInt16BE(ethertype, 0)
  sll[10] = type
  const record = Buffer.alloc(16)
  record.writeUInt32LE(1_700_000_000, 0)
  record.writeUInt32LE(250_000, 4)
  record.writeUInt32LE(20 + packet.length, 8)
  record.writeUInt32LE(20 + packet.length, 12)
  return Buffer.concat([record, sll, packet])
}

/** Magic · version 2.4 · zone · accuracy · snapshot length 512 · link type LINUX_SLL2 (276), little-endian. */
const HEADER = Buffer.from('d4c3b2a10200040000000000000000000002000014010000', 'hex')

test('connections and datagrams of both families are read from a capture, in pieces of any size', () => {
  const v4 = Buffer.from('45000028000040004006000001020304050607081f900050000000000000000050020000', 'hex')
  const udp = Buffer.from('4500002000004000401100000102030405060708c000003500080000', 'hex')
  const v6 = Buffer.concat([
    Buffer.from('6000000000140640', 'hex'),
    Buffer.alloc(15),
    Buffer.of(1),
    Buffer.alloc(15),
    Buffer.of(2),
    v4.subarray(20),
  ])
  // The last packet of a connection, with 100 bytes that the snapshot left out.
  const end = Buffer.from(v4)
  end.writeUInt16BE(140, 2)
  end[33] = 0x11
  const bytes = Buffer.concat([
    HEADER,
    frame(0x0800, 4, v4),
    frame(0x0800, 4, udp),
    frame(0x86dd, 4, v6),
    frame(0x0806, 4, v4),
    frame(0x0800, 0, v4),
    frame(0x0800, 4, end),
  ])
  for (const size of [1, 7, 1000]) {
    const reader = new PcapReader()
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
    assert.deepEqual(dials(reader.packets), ['5.6.7.8:80', '::2:80'])
    assert.equal(dnsQuestions(reader.packets).length, 1)
    assert.equal(reader.packets.filter(({ sent }: Packet) => !sent).length, 1)
    assert.equal(endedAt(reader.packets, { address: '5.6.7.8', port: 80, ourPort: 8080 }), 1_700_000_000_250)
    assert.equal(endedAt(reader.packets, { address: '5.6.7.8', port: 81 }), undefined)
    assert.deepEqual(
      reader.packets.map(({ length }) => length),
      [0, 4, 0, 0, 100],
    )
  }
})

test('what is no capture of this kind is said to be none', () => {
  assert.throws(() => new PcapReader().push(Buffer.alloc(24)), /not a pcap file/)
  assert.throws(() => new PcapReader().push(Buffer.concat([HEADER.subarray(0, 20), Buffer.of(1, 0, 0, 0)])), /not a capture on all/)
})
