/** Thrown when bytes or text from outside do not have the form that a specification asks for. */
export class MalformedError extends Error {
  override name = 'MalformedError'
}

/** Reads big-endian fields from the front of a buffer; every read past the end throws {@link MalformedError}. */
export class ByteReader {
  readonly buffer: Buffer
  offset = 0

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.buffer.length - this.offset
  }

  #take(length: number): number {
    const start = this.offset
    if (length < 0 || start + length > this.buffer.length) throw new MalformedError(`${length} bytes wanted, ${this.remaining} left`)
    this.offset = start + length
    return start
  }

  u8(): number {
    return this.buffer.readUInt8(this.#take(1))
  }
  u16(): number {
    return this.buffer.readUInt16BE(this.#take(2))
  }
  u32(): number {
    return this.buffer.readUInt32BE(this.#take(4))
  }
  u64(): bigint {
    return this.buffer.readBigUInt64BE(this.#take(8))
  }
  /** A view (not a copy) of the next `length` bytes. */
  bytes(length: number): Buffer {
    const start = this.#take(length)
    return this.buffer.subarray(start, start + length)
  }
  rest(): Buffer {
    return this.bytes(this.remaining)
  }
  skip(length: number): void {
    this.#take(length)
  }
  /** Throws unless everything was read. */
  end(): void {
    if (this.remaining !== 0) throw new MalformedError(`${this.remaining} bytes too many`)
  }
}

/** Builds a buffer from big-endian fields. */
export class ByteWriter {
  readonly #parts: Buffer[] = []
  #length = 0

  get length(): number {
    return this.#length
  }
  u8(value: number): this {
    const b = Buffer.alloc(1)
    b.writeUInt8(value)
    return this.bytes(b)
  }
  u16(value: number): this {
    const b = Buffer.alloc(2)
    b.writeUInt16BE(value)
    return this.bytes(b)
  }
  u32(value: number): this {
    const b = Buffer.alloc(4)
    b.writeUInt32BE(value >>> 0)
    return this.bytes(b)
  }
  u64(value: bigint | number): this {
    const b = Buffer.alloc(8)
    b.writeBigUInt64BE(BigInt(value))
    return this.bytes(b)
  }
  bytes(value: Uint8Array): this {
    const b = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    this.#parts.push(b)
    this.#length += b.length
    return this
  }
  zeros(length: number): this {
    return this.bytes(Buffer.alloc(length))
  }
  finish(): Buffer {
    return Buffer.concat(this.#parts, this.#length)
  }
}
