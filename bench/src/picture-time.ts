/*
 * Pictures of the live JPEG bench: each carries when it was made, in a comment that decoders ignore.
 */

const mark = 'made-at=';
const digits = 20;

/** On the monotonic clock of the machine, which all processes share. */
const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** A picture of exactly `bytes`, made now. @param jpeg a smaller picture */
export function pictureMadeNow(jpeg: Buffer, bytes: number): Buffer {
  const comments: Buffer[] = [];
  let missing = bytes - jpeg.length;
  while (missing > 0) {
    // A comment segment: FF FE, its length without the marker (ITU-T T.81, B.2.4.5), text.
    const size = Math.min(missing, 60_000);
    const comment = Buffer.alloc(size, 0x2e);
    comment.writeUInt16BE(0xfffe, 0);
    comment.writeUInt16BE(size - 2, 2);
    comments.push(comment);
    missing -= size;
  }
  comments[0]?.write(`${mark}${String(nowUs()).padStart(digits, '0')}`, 4, 'latin1');
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}

/** How long ago a picture was made, in milliseconds. */
export function pictureAgeMs(picture: Buffer): number {
  const at = picture.indexOf(mark, 0, 'latin1') + mark.length;
  return (nowUs() - Number(picture.toString('latin1', at, at + digits))) / 1000;
}
