import { createJpegSplitter } from '../jpeg-splitter.ts';

/** Largest picture that is accepted. */
export const pictureMaxBytes = 16 * 1024 * 1024;

export type MultipartJpegs = {
  push(chunk: Buffer): void;
  /** Why no picture was found so far, as the end of a sentence that begins with "The camera sends". */
  problem(): string;
};

/** How much of the start is kept for `problem`. */
const startMaxBytes = 2048;

/**
 * Finds the pictures in a body of type `multipart/x-mixed-replace` (RFC 2046, 5.1) as cameras send it. Boundaries, part
 * headers and lengths are often missing or wrong, the markers of a JPEG never are: pictures are found by those alone.
 *
 * A camera that never writes the end marker gets its pictures cut at the start of the next one, where they arrive one
 * picture late.
 */
export function createMultipartJpegs(options: {
  onPicture(jpeg: Buffer): void;
  /** A picture was broken or too large. */
  onDropped?(bytes: number): void;
  maxBytes?: number;
}): MultipartJpegs {
  const maxBytes = options.maxBytes ?? pictureMaxBytes;
  let start = Buffer.alloc(0);
  let hasEndMarkers = false;
  let tooLargeBytes = 0;
  let dropped = 0;
  const drop = (bytes: number) => {
    dropped += 1;
    if (bytes > maxBytes) tooLargeBytes = bytes;
    options.onDropped?.(bytes);
  };
  const splitter = createJpegSplitter({
    maxBytes,
    onFrame(jpeg) {
      hasEndMarkers = true;
      options.onPicture(jpeg);
    },
    onUnfinished(jpeg) {
      // Where end markers are usual, one without was truncated.
      if (hasEndMarkers) drop(jpeg.length);
      else options.onPicture(finished(jpeg));
    },
    onDropped: drop,
  });
  return {
    push(chunk) {
      if (start.length < startMaxBytes) {
        start = Buffer.concat([start, chunk.subarray(0, startMaxBytes - start.length)]);
      }
      splitter.push(chunk);
    },
    problem() {
      if (tooLargeBytes > 0) return `pictures of more than ${Math.round(maxBytes / 1024 / 1024)} MiB`;
      if (dropped > 0) return 'broken pictures';
      if (start.length === 0) return 'nothing';
      const type = /^content-type:[ \t]*([a-z0-9.+-]+\/[a-z0-9.+-]+)/im.exec(start.toString('latin1'))?.[1];
      if (type === undefined) return 'no JPEG pictures';
      return /^image\/p?jpe?g$/i.test(type)
        ? 'no complete picture'
        : `${type.slice(0, 60)}, not JPEG pictures`;
    },
  };
}

/** Longest part header that is looked for behind the coded data. */
const partHeaderMaxBytes = 1024;
const endMarker = Buffer.of(0xff, 0xd9);

/** The picture without the boundary and header of the next part, with an end marker. */
function finished(jpeg: Buffer): Buffer {
  const tailStart = Math.max(0, jpeg.length - partHeaderMaxBytes);
  const tail = jpeg.toString('latin1', tailStart);
  const header = /\r?\n(?:--[^\r\n]{0,200}|content-[a-z]+:[^\r\n]*)\r?\n[\t\r\n -~]*$/i.exec(tail);
  const end = header ? tailStart + header.index : jpeg.length;
  return Buffer.concat([jpeg.subarray(0, end), endMarker]);
}
