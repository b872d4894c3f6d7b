import { jpegPayloads } from './rtp-jpeg.ts';
import { isParameterSet } from './video-clip.ts';
import type { Picture, VideoCodec } from './video-clip.ts';

const payloadMaxBytes = 1400;

/** The RTP payloads of a picture (RFC 6184, RFC 7798, RFC 2435). The last one gets the marker bit. */
export function videoPayloads(codec: VideoCodec, picture: Picture, aggregates = false): Buffer[] {
  switch (codec) {
    case 'h264': {
      const { head, rest } = aggregates ? aggregate(picture) : { head: [], rest: picture.units };
      return [...head, ...rest.flatMap(h264Payloads)];
    }
    case 'h265':
      return picture.units.flatMap(h265Payloads);
    case 'mjpeg':
      return picture.units.flatMap((jpeg) => jpegPayloads(jpeg, payloadMaxBytes));
  }
}

/** Parameter sets as one STAP-A packet. */
function aggregate({ units }: Picture): { head: Buffer[]; rest: readonly Buffer[] } {
  const sets = units.filter((unit) => isParameterSet('h264', unit));
  if (sets.length < 2) return { head: [], rest: units };
  const parts = sets.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit]);
  return {
    head: [Buffer.concat([Buffer.from([0x78]), ...parts])],
    rest: units.filter((unit) => !isParameterSet('h264', unit)),
  };
}

function h264Payloads(unit: Buffer): Buffer[] {
  if (unit.length <= payloadMaxBytes) return [unit];
  const first = unit[0] ?? 0;
  return fragments(unit.subarray(1)).map(({ bytes, isFirst, isLast }) =>
    Buffer.concat([Buffer.from([(first & 0xe0) | 28, flags(isFirst, isLast) | (first & 31)]), bytes]),
  );
}

function h265Payloads(unit: Buffer): Buffer[] {
  if (unit.length <= payloadMaxBytes) return [unit];
  const [first = 0, second = 0] = unit;
  const type = (first >> 1) & 63;
  return fragments(unit.subarray(2)).map(({ bytes, isFirst, isLast }) =>
    Buffer.concat([Buffer.from([(first & 0x81) | (49 << 1), second, flags(isFirst, isLast) | type]), bytes]),
  );
}

function flags(isFirst: boolean, isLast: boolean): number {
  return (isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0);
}

function fragments(bytes: Buffer): { bytes: Buffer; isFirst: boolean; isLast: boolean }[] {
  const count = Math.ceil(bytes.length / payloadMaxBytes);
  return Array.from({ length: count }, (_, index) => ({
    bytes: bytes.subarray(index * payloadMaxBytes, (index + 1) * payloadMaxBytes),
    isFirst: index === 0,
    isLast: index === count - 1,
  }));
}
