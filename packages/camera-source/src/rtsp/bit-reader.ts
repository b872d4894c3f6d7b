export type BitReader = { unsigned(count: number): number; golomb(): number; signedGolomb(): number };

export class EndOfBitsError extends Error {}

export function createBitReader(bytes: Uint8Array): BitReader {
  let position = 0;
  const bit = () => {
    const byte = bytes[position >> 3];
    if (byte === undefined) throw new EndOfBitsError();
    const value = (byte >> (7 - (position & 7))) & 1;
    position += 1;
    return value;
  };
  const unsigned = (count: number) => {
    let value = 0;
    for (let i = 0; i < count; i += 1) value = value * 2 + bit();
    return value;
  };
  /** ue(v), ITU-T H.264, 9.1. */
  const golomb = () => {
    let zeros = 0;
    while (bit() === 0) zeros += 1;
    if (zeros > 32) throw new EndOfBitsError();
    return 2 ** zeros - 1 + unsigned(zeros);
  };
  return {
    unsigned,
    golomb,
    signedGolomb: () => {
      const code = golomb();
      return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
    },
  };
}

/** A 3 after two zero bytes only prevents start codes (ITU-T H.264, 7.4.1). */
export function withoutEmulationPrevention(bytes: Uint8Array): Uint8Array {
  const plain: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    plain.push(byte);
  }
  return Uint8Array.from(plain);
}
