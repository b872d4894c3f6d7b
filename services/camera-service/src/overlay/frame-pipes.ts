import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

export type FramePipes = {
  /** Writes directly from `frame`, which must not change until `done`; `done` is not called after `close`. */
  write(frame: Uint8Array, done: () => void): void;
  close(): void;
};

/**
 * Reads whole frames from one FIFO into the caller's memory, and writes frames to another. Both are non-blocking,
 * driven by the event loop, and copy nothing: reads go to `target`, writes come from `frame`. The exit of either
 * FFmpeg is handled by the code that started it.
 *
 * @param options.target the whole memory of the frame being read; called again after each read
 * @param options.onFrame `target` is full; from now on it returns the memory of the next frame
 */
export function openFramePipes(options: {
  decodedPath: string;
  drawnPath: string;
  target(): Uint8Array;
  onFrame(): void;
}): FramePipes {
  let filledBytes = 0;
  let closed = false;
  // Opened for reading and writing so that it does not wait for the encoder; nothing is read from it.
  const output = new Socket({
    fd: openSync(options.drawnPath, constants.O_RDWR | constants.O_NONBLOCK),
    readable: false,
    writable: true,
  });
  const input = new Socket({
    fd: openSync(options.decodedPath, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
    onread: {
      buffer: () => options.target().subarray(filledBytes),
      callback: (bytes: number) => {
        filledBytes += bytes;
        if (filledBytes === options.target().byteLength) {
          filledBytes = 0;
          options.onFrame();
        }
        return true;
      },
    },
  });
  for (const socket of [input, output]) socket.on('error', () => socket.destroy());
  input.resume();
  return {
    write(frame, done) {
      output.write(frame, (error) => {
        if (!closed && !error) done();
      });
    },
    close() {
      closed = true;
      input.destroy();
      output.destroy();
    },
  };
}
