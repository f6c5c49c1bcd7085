import { ByteReader, ByteWriter, MalformedError } from '../lib/bytes.ts'

/** Version 1: VERSION 1 = 01 | LENGTH 2 | the tag (digest of the cell that made it due; 20 bytes). tor-spec 7.3, proposal 289. */
export function encodeSendme(tag: Uint8Array): Buffer {
  return new ByteWriter().u8(1).u16(tag.length).bytes(tag).finish()
}

/** Reads a SENDME message; an empty one is version 0, which carries no tag. Throws {@link MalformedError}. */
export function decodeSendme(data: Uint8Array): { version: 0 | 1; tag: Buffer | undefined } {
  const reader = new ByteReader(data)
  if (reader.remaining === 0) return { version: 0, tag: undefined }
  const version = reader.u8()
  if (version !== 0 && version !== 1) throw new MalformedError('a SENDME of unknown version')
  const length = reader.u16()
  if (length !== 16 && length !== 20) throw new MalformedError('a SENDME with a tag of the wrong length')
  const tag = reader.bytes(length)
  return { version, tag: version === 1 ? tag : undefined }
}
