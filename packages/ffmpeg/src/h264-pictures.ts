export type PictureCounts = {
  pictures: number;
  /** IDR pictures. HLS and WebRTC players start at one. */
  keyFrames: number;
  /** Pictures that are sent after a later one. */
  bFrames: number;
};

const startCode = Buffer.of(0, 0, 1);
/** NAL unit types (ITU-T H.264, table 7-1). */
const slice = 1;
const idrSlice = 5;
/** The NAL unit's type, and its first two fields if the first one is 0. */
const headBytes = 3;

/** Counts the pictures of an H.264 byte stream (ITU-T H.264, Annex B) without decoding it. */
export function createH264PictureCounter(): { push(chunk: Buffer): void; counts(): PictureCounts } {
  const counts = { pictures: 0, keyFrames: 0, bFrames: 0 };
  let rest: Buffer = Buffer.alloc(0);

  function countSlice(header: number, body: number): void {
    const type = header & 0x1f;
    const isFirstOfPicture = body >> 15 === 1; // first_mb_in_slice is 0
    if ((type !== slice && type !== idrSlice) || !isFirstOfPicture) return;
    counts.pictures += 1;
    if (type === idrSlice) counts.keyFrames += 1;
    else if (isBSlice(body)) counts.bFrames += 1;
  }

  return {
    push(chunk) {
      const data = Buffer.concat([rest, chunk]);
      let at = data.indexOf(startCode);
      while (at >= 0 && at + startCode.length + headBytes <= data.length) {
        const nal = at + startCode.length;
        countSlice(data.readUInt8(nal), data.readUInt16BE(nal + 1));
        at = data.indexOf(startCode, nal);
      }
      rest = Buffer.from(data.subarray(at >= 0 ? at : Math.max(0, data.length - startCode.length + 1)));
    },
    counts: () => ({ ...counts }),
  };
}

/** slice_type, ue(v) after one bit: 1 is `010`, 6 is `00111` (ITU-T H.264, 7.3.3 and 9.1). */
function isBSlice(body: number): boolean {
  return ((body >> 12) & 0b111) === 0b010 || ((body >> 10) & 0b11111) === 0b00111;
}
