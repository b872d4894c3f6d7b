import { jpegServerMessageSchema } from '@camplane/contracts/jpeg-stream';
import type { JpegServerMessage } from '@camplane/contracts/jpeg-stream';
import { parseJsonMessage } from '@camplane/service-kit/parse-json-message';
import type { RawData } from 'ws';

export type JpegInfoMessage = Extract<JpegServerMessage, { type: 'info' }>;

/** The `info` in a text message of stream-proxy; null for any other message. */
export function parseInfoMessage(data: RawData): JpegInfoMessage | null {
  const parsed = parseJsonMessage(jpegServerMessageSchema, data, false);
  return parsed.ok && parsed.message.type === 'info' ? parsed.message : null;
}
