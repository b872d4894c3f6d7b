/** One JPEG of a video. `capturedAt` is milliseconds since the epoch, by the wall clock. */
export type JpegFrame = { jpeg: Buffer; width: number; height: number; sequence: number; capturedAt: number };
