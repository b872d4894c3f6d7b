export type JpegSplitterOptions = {
  /** Larger images are dropped; at most this is kept between two chunks. */
  maxBytes: number;
  /** Called with one complete image, a copy that the callee may keep. */
  onFrame(jpeg: Buffer): void;
  /** An image was dropped after this many bytes because it is broken or too large. */
  onDropped?(bytes: number): void;
  /**
   * The next image began before the end marker of this one. Includes the bytes between the two. Without this callback
   * the image is dropped.
   */
  onUnfinished?(jpeg: Buffer): void;
};

/** Second bytes of markers (ITU-T T.81, table B.1). */
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const isRestart = (code: number) => code >= 0xd0 && code <= 0xd7;

/** Meaning of the next byte. */
type Place =
  | 'outside' // between pictures
  | 'outside-after-ff'
  | 'marker' // where a marker has to begin
  | 'marker-code'
  | 'length-high'
  | 'length-low'
  | 'segment'
  | 'scan' // coded data
  | 'scan-after-ff';

/**
 * Splits a stream of JPEG images, as FFmpeg's `image2pipe` writes it. Segments are skipped by their length, so that a
 * thumbnail inside one does not end the image; the end marker is searched only in coded data (ITU-T T.81, annex B).
 * Bytes between images are ignored; after a broken image it continues with the next one.
 */
export function createJpegSplitter(options: JpegSplitterOptions): { push(chunk: Buffer): void } {
  let place: Place = 'outside';
  let segmentCode = 0;
  let segmentBytes = 0;
  let hasScan = false;
  const image = createImageBuffer(options.maxBytes);

  const drop = (bytes: number) => {
    place = 'outside';
    image.clear();
    options.onDropped?.(bytes);
  };

  const begin = () => {
    place = 'marker';
    hasScan = false;
    image.clear();
    image.append(Buffer.of(0xff, startOfImage));
  };

  const finish = (rest: Buffer) => {
    const bytes = image.bytes + rest.length;
    if (!hasScan || bytes > options.maxBytes) return drop(bytes);
    const jpeg = image.concat(rest);
    place = 'outside';
    image.clear();
    options.onFrame(jpeg);
  };

  function push(chunk: Buffer): void {
    /** Start of the current image's part of this chunk. */
    let start = 0;
    let i = 0;

    const readMarker = (code: number) => {
      if (code === startOfImage) {
        // Without the start marker, whose first byte may be in an earlier chunk.
        const bytes = image.bytes + i - start - 2;
        if (hasScan && options.onUnfinished && bytes + 2 <= options.maxBytes) {
          options.onUnfinished(image.concat(chunk.subarray(start, i)).subarray(0, bytes));
        } else {
          drop(bytes);
        }
        begin();
        start = i;
      } else if (code === endOfImage) {
        finish(chunk.subarray(start, i));
      } else if (code === 0x01 || isRestart(code)) {
        place = 'marker'; // Has no segment.
      } else {
        segmentCode = code;
        place = 'length-high';
      }
    };

    while (i < chunk.length) {
      const byte = chunk[i] ?? 0;
      switch (place) {
        case 'outside':
        case 'scan': {
          const next = chunk.indexOf(0xff, i);
          i = next < 0 ? chunk.length : next + 1;
          if (next >= 0) place = place === 'scan' ? 'scan-after-ff' : 'outside-after-ff';
          break;
        }
        case 'outside-after-ff':
          i += 1;
          if (byte === startOfImage) {
            begin();
            start = i;
          } else if (byte !== 0xff) place = 'outside';
          break;
        case 'marker':
          // These bytes may start the next image: process them again.
          if (byte !== 0xff) drop(image.bytes + i - start);
          else {
            place = 'marker-code';
            i += 1;
          }
          break;
        case 'marker-code':
          i += 1;
          if (byte === 0) drop(image.bytes + i - start);
          else if (byte !== 0xff) readMarker(byte);
          break;
        case 'length-high':
          i += 1;
          segmentBytes = byte * 256;
          place = 'length-low';
          break;
        case 'length-low':
          // The length includes its own two bytes.
          segmentBytes += byte - 2;
          if (segmentBytes < 0) drop(image.bytes + i - start);
          else {
            i += 1;
            place = 'segment';
          }
          break;
        case 'segment': {
          const step = Math.min(segmentBytes, chunk.length - i);
          i += step;
          segmentBytes -= step;
          if (segmentBytes > 0) break;
          hasScan ||= segmentCode === startOfScan;
          place = segmentCode === startOfScan ? 'scan' : 'marker';
          break;
        }
        case 'scan-after-ff':
          i += 1;
          if (byte === 0 || isRestart(byte)) place = 'scan';
          else if (byte !== 0xff) readMarker(byte);
          break;
      }
    }
    if (place !== 'outside' && place !== 'outside-after-ff') image.append(chunk.subarray(start));
  }

  return { push };
}

/** The parts of the current image from earlier chunks. Too large an image is counted, but not kept. */
function createImageBuffer(maxBytes: number) {
  let parts: Buffer[] = [];
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    append(part: Buffer): void {
      bytes += part.length;
      if (bytes > maxBytes) parts = [];
      // A copy: the caller may reuse its memory.
      else parts.push(Buffer.from(part));
    },
    concat: (rest: Buffer): Buffer => Buffer.concat([...parts, rest], bytes + rest.length),
    clear(): void {
      parts = [];
      bytes = 0;
    },
  };
}
