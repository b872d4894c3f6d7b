import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import sharp from 'sharp';
import type { PreviewFrame } from './worker-messages.ts';

/** @param quality 1–100 */
export async function encodeJpeg(preview: PreviewFrame, quality: number): Promise<JpegFrame> {
  const { rgb, width, height, sequence, capturedAt } = preview;
  const jpeg = await sharp(new Uint8Array(rgb), { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  return { jpeg, width, height, sequence, capturedAt };
}
