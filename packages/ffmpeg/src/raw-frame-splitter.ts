/**
 * Splits a byte stream of raw video into frames of one size. The bytes are copied once, into a ring of buffers: a
 * frame is valid until `bufferCount - 1` more frames have arrived.
 *
 * @param options.frameBytes size of a frame: width × height × 3 for bgr24, × 1.5 for yuv420p
 */
export function createRawFrameSplitter(options: {
  frameBytes: number;
  bufferCount: number;
  onFrame: (frame: Buffer) => void;
}): { push: (chunk: Uint8Array) => void; readonly pendingBytes: number } {
  const { frameBytes, bufferCount, onFrame } = options;
  if (!Number.isInteger(frameBytes) || frameBytes < 1) throw new RangeError('frameBytes must be at least 1');
  if (!Number.isInteger(bufferCount) || bufferCount < 1)
    throw new RangeError('bufferCount must be at least 1');
  const buffers: Buffer[] = [];
  let frames = 0;
  let filled = 0;

  /** Allocated on first use: a stream of few frames uses little memory. */
  function current(): Buffer {
    const slot = frames % bufferCount;
    return (buffers[slot] ??= Buffer.allocUnsafeSlow(frameBytes));
  }

  return {
    push(chunk) {
      for (let taken = 0; taken < chunk.length;) {
        const buffer = current();
        const part = chunk.subarray(taken, taken + frameBytes - filled);
        buffer.set(part, filled);
        taken += part.length;
        filled += part.length;
        if (filled < frameBytes) return;
        filled = 0;
        frames += 1;
        onFrame(buffer);
      }
    },
    get pendingBytes() {
      return filled;
    },
  };
}
