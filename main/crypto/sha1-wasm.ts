/*
 * SHA-1's block function (FIPS 180-4, 6.1.2) as WebAssembly, put together here instruction by instruction: the 80 rounds are unrolled by the
 * loops below, and the machine code that comes out is as fast as C. Used for running digests only, where node:crypto has to copy its whole
 * state for every look at it.
 */

const WORDS = 16
const ROUNDS = 80

/** Byte offsets in the module's memory: five state words, then the blocks. */
const STATE_AT = 0
const BLOCKS_AT = 64
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

/** Locals: the two arguments, the state, the five variables of the rounds, the message schedule. */
const AT = 0
const END = 1
const H = [2, 3, 4, 5, 6]
const V = [7, 8, 9, 10, 11]
const W = Array.from({ length: WORDS }, (_, i) => 12 + i)
const EXTRA_LOCALS = 5 + 5 + WORDS
const SCRATCH = V[0]!

/** Writes the code of a stack machine: operands first, then what is done with them. */
class Assembler {
  readonly code: number[] = []

  op(...bytes: number[]): this {
    this.code.push(...bytes)
    return this
  }
  get(...locals: number[]): this {
    for (const local of locals) this.code.push(Op.localGet, local)
    return this
  }
  set(local: number): this {
    return this.op(Op.localSet, local)
  }
  constant(value: number): this {
    return this.op(Op.i32Const, ...signed(value | 0))
  }
  rotl(bits: number): this {
    return this.constant(bits).op(Op.i32Rotl)
  }
  load(offset: number): this {
    return this.op(Op.i32Load, ALIGN_4, ...unsigned(offset))
  }
  store(offset: number): this {
    return this.op(Op.i32Store, ALIGN_4, ...unsigned(offset))
  }
}

/** f_t(b, c, d) + K_t of the round. */
function mix(asm: Assembler, round: number, b: number, c: number, d: number): Assembler {
  if (round < 20) return asm.get(d, b, c, d).op(Op.i32Xor, Op.i32And, Op.i32Xor).constant(0x5a827999).op(Op.i32Add)
  if (round >= 40 && round < 60) {
    return asm.get(b, c).op(Op.i32And).get(d, b, c).op(Op.i32Or, Op.i32And, Op.i32Or).constant(0x8f1bbcdc).op(Op.i32Add)
  }
  return asm
    .get(b, c, d)
    .op(Op.i32Xor, Op.i32Xor)
    .constant(round < 40 ? 0x6ed9eba1 : 0xca62c1d6)
    .op(Op.i32Add)
}

/** compress(at, end): takes in the blocks from byte `at` up to `end`, which is at least one block further. */
function compressBody(): number[] {
  const asm = new Assembler()
  for (const [i, local] of H.entries()) {
    asm
      .constant(STATE_AT)
      .load(4 * i)
      .set(local)
  }
  asm.op(Op.loop, TYPE_VOID)
  for (const [i, local] of W.entries()) {
    asm
      .get(AT)
      .load(4 * i)
      .set(SCRATCH)
    asm.get(SCRATCH).rotl(8).constant(0x00ff00ff).op(Op.i32And)
    asm.get(SCRATCH).rotl(24).constant(0xff00ff00).op(Op.i32And, Op.i32Or).set(local)
  }
  for (const [i, local] of H.entries()) asm.get(local).set(V[i]!)
  for (let round = 0; round < ROUNDS; round++) {
    // The five variables change roles instead of places: what was e becomes the new a.
    const [a, b, c, d, e] = [0, 1, 2, 3, 4].map(role => V[(role + 4 * round) % 5]!) as [number, number, number, number, number]
    const w = W[round % WORDS]!
    if (round >= WORDS) {
      const [w3, w8, w14] = [3, 8, 14].map(back => W[(round - back + WORDS) % WORDS]!) as [number, number, number]
      asm.get(w3, w8, w14, w).op(Op.i32Xor, Op.i32Xor, Op.i32Xor).rotl(1).set(w)
    }
    mix(asm.get(a).rotl(5), round, b, c, d).op(Op.i32Add).get(e).op(Op.i32Add).get(w).op(Op.i32Add).set(e)
    asm.get(b).rotl(30).set(b)
  }
  for (const [i, local] of H.entries()) asm.get(local, V[i]!).op(Op.i32Add).set(local)
  asm
    .get(AT)
    .constant(4 * WORDS)
    .op(Op.i32Add, Op.localTee, AT)
    .get(END)
    .op(Op.i32LtU, Op.brIf, 0, Op.end)
  for (const [i, local] of H.entries()) {
    asm
      .constant(STATE_AT)
      .get(local)
      .store(4 * i)
  }
  return asm.op(Op.end).code
}

/** The module: type, function, memory, export and code section, each one entry but for the exports. */
function moduleBytes(): Buffer<ArrayBuffer> {
  const bytes = (...parts: (number | Uint8Array)[]) =>
    Buffer.concat(parts.map(part => (typeof part === 'number' ? Buffer.from(unsigned(part)) : part)))
  const sized = (contents: Uint8Array) => bytes(contents.length, contents)
  const name = (text: string) => sized(Buffer.from(text))
  const body = bytes(1, EXTRA_LOCALS, TYPE_I32, Buffer.from(compressBody()))
  return bytes(
    Buffer.from('\0asm\x01\0\0\0', 'latin1'),
    bytes(1, sized(bytes(1, 0x60, 2, TYPE_I32, TYPE_I32, 0))),
    bytes(3, sized(bytes(1, 0))),
    bytes(5, sized(bytes(1, 0, PAGES))),
    bytes(7, sized(bytes(2, name('memory'), 2, 0, name('compress'), 0, 0))),
    bytes(10, sized(bytes(1, sized(body)))),
  )
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
