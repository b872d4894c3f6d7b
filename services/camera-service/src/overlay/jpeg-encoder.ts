import sharp from 'sharp';
import type { PreviewFrame } from './worker-messages.ts';

export type JpegFrame = { jpeg: Buffer; width: number; height: number; sequence: number; capturedAt: number };

/** @param quality 1–100 */
export async function encodeJpeg(preview: PreviewFrame, quality: number): Promise<JpegFrame> {
  const { rgb, width, height, sequence, capturedAt } = preview;
  const jpeg = await sharp(new Uint8Array(rgb), { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  return { jpeg, width, height, sequence, capturedAt };
}
