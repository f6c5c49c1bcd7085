/*
 * SHA-1's block function (FIPS 180-4, 6.1.2) as WebAssembly, put together here instruction by instruction: the 80 rounds are unrolled by the
 * loops below, and the machine code that comes out is as fast as C. Used for running digests only, where node:crypto has to copy its whole
 * state for every look at it.
 */

const WORDS = 16
const ROUNDS = 80

/** Byte offsets in the module's memory: five state words, then the blocks. */
const STATE_AT = 0
export const BLOCKS_AT = 64
const PAGES = 2
const PAGE = 65_536
/** How many bytes of blocks fit in the memory. */
export const BLOCKS_CAPACITY = PAGES * PAGE - BLOCKS_AT

const Op = {
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i32Store: 0x36,
  i32Const: 0x41,
  i32LtU: 0x49,
  i32Add: 0x6a,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Rotl: 0x77,
} as const

const TYPE_I32 = 0x7f
const TYPE_VOID = 0x40
const ALIGN_4 = 2

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: number): number[] {
  const rest = value >> 7
  const done = rest === (value & 0x40 ? -1 : 0)
  return done ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)]
}

type Code = readonly number[]
const get = (local: number): Code => [Op.localGet, ...unsigned(local)]
const set = (local: number): Code => [Op.localSet, ...unsigned(local)]
const constant = (value: number): Code => [Op.i32Const, ...signed(value | 0)]
const load = (offset: number): Code => [Op.i32Load, ALIGN_4, ...unsigned(offset)]
const store = (offset: number): Code => [Op.i32Store, ALIGN_4, ...unsigned(offset)]
const op = (a: Code, b: Code, operation: number): Code => [...a, ...b, operation]
const add = (a: Code, b: Code): Code => op(a, b, Op.i32Add)
const and = (a: Code, b: Code): Code => op(a, b, Op.i32And)
const or = (a: Code, b: Code): Code => op(a, b, Op.i32Or)
const xor = (a: Code, b: Code): Code => op(a, b, Op.i32Xor)
const rotl = (a: Code, bits: number): Code => op(a, constant(bits), Op.i32Rotl)

/** Locals: the two arguments, the state, the five variables of the rounds, the message schedule. */
const AT = 0
const END = 1
const H = [2, 3, 4, 5, 6]
const V = [7, 8, 9, 10, 11]
const W = Array.from({ length: WORDS }, (_, i) => 12 + i)
const EXTRA_LOCALS = 5 + 5 + WORDS
const SCRATCH = V[0]!

/** f_t(b, c, d) + K_t of the round. */
function mix(round: number, b: Code, c: Code, d: Code): Code {
  if (round < 20) return add(xor(d, and(b, xor(c, d))), constant(0x5a827999))
  if (round < 40) return add(xor(xor(b, c), d), constant(0x6ed9eba1))
  if (round < 60) return add(or(and(b, c), and(d, or(b, c))), constant(0x8f1bbcdc))
  return add(xor(xor(b, c), d), constant(0xca62c1d6))
}

/** compress(at, end): takes in the blocks from byte `at` up to `end`, which is at least one block further. */
function compressBody(): number[] {
  const code: number[] = []
  const emit = (...parts: Code[]) => {
    for (const part of parts) for (const byte of part) code.push(byte)
  }
  for (const [i, local] of H.entries()) emit(constant(STATE_AT), load(4 * i), set(local))
  emit([Op.loop, TYPE_VOID])
  for (const [i, local] of W.entries()) {
    emit(get(AT), load(4 * i), set(SCRATCH))
    emit(or(and(rotl(get(SCRATCH), 8), constant(0x00ff00ff)), and(rotl(get(SCRATCH), 24), constant(0xff00ff00))), set(local))
  }
  for (let i = 0; i < 5; i++) emit(get(H[i]!), set(V[i]!))
  for (let round = 0; round < ROUNDS; round++) {
    // The five variables change roles instead of places: what was e becomes the new a.
    const [a, b, c, d, e] = [0, 1, 2, 3, 4].map(role => V[(role + 4 * round) % 5]!) as [number, number, number, number, number]
    const w = W[round % WORDS]!
    if (round >= WORDS) {
      const earlier = [3, 8, 14, 16].map(back => get(W[(round - back + WORDS) % WORDS]!))
      emit(rotl(earlier.reduce(xor), 1), set(w))
    }
    emit(add(add(add(rotl(get(a), 5), mix(round, get(b), get(c), get(d))), get(e)), get(w)), set(e))
    emit(rotl(get(b), 30), set(b))
  }
  for (let i = 0; i < 5; i++) emit(add(get(H[i]!), get(V[i]!)), set(H[i]!))
  emit(add(get(AT), constant(4 * WORDS)), [Op.localTee, AT], get(END), [Op.i32LtU, Op.brIf, 0, Op.end])
  for (const [i, local] of H.entries()) emit(constant(STATE_AT), get(local), store(4 * i))
  emit([Op.end])
  return code
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const vector = (items: readonly number[][]) => [...unsigned(items.length), ...items.flat()]
  const section = (id: number, contents: number[]) => [id, ...unsigned(contents.length), ...contents]
  const name = (text: string) => [...unsigned(text.length), ...Buffer.from(text)]
  const body = [...vector([[...unsigned(EXTRA_LOCALS), TYPE_I32]]), ...compressBody()]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, 2, TYPE_I32, TYPE_I32, 0]])),
    ...section(3, vector([[0]])),
    ...section(5, vector([[0, PAGES]])),
    ...section(
      7,
      vector([
        [...name('memory'), 2, 0],
        [...name('compress'), 0, 0],
      ]),
    ),
    ...section(10, vector([[...unsigned(body.length), ...body]])),
  ])
}

const { memory, compress: compressExport } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes())).exports as {
  memory: WebAssembly.Memory
  compress: (at: number, end: number) => void
}

/** The five state words, in the machine's (little-endian) order. */
export const state = new Int32Array(memory.buffer, STATE_AT, 5)
/** Where blocks are put to be taken in. */
export const blocks = Buffer.from(memory.buffer, BLOCKS_AT, BLOCKS_CAPACITY)
/** Takes the first `length` bytes of {@link blocks} (a positive multiple of 64) into {@link state}. */
export function compress(length: number): void {
  compressExport(BLOCKS_AT, BLOCKS_AT + length)
}
