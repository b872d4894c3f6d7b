/*
 * A live Matroska stream (RFC 9559) with one track of JPEG pictures: the simplest container with a time for each picture
 * that FFmpeg reads from a socket.
 */

/** Four-byte and shorter element identifiers (RFC 9559, section 5). */
const id = {
  ebml: '1a45dfa3',
  docType: '4282',
  docTypeVersion: '4287',
  docTypeReadVersion: '4285',
  segment: '18538067',
  info: '1549a966',
  timestampScale: '2ad7b1',
  muxingApp: '4d80',
  writingApp: '5741',
  tracks: '1654ae6b',
  trackEntry: 'ae',
  trackNumber: 'd7',
  trackUid: '73c5',
  trackType: '83',
  flagLacing: '9c',
  defaultDuration: '23e383',
  codecId: '86',
  video: 'e0',
  pixelWidth: 'b0',
  pixelHeight: 'ba',
  cluster: '1f43b675',
  clusterTimestamp: 'e7',
  simpleBlock: 'a3',
} as const;

const videoTrack = 1;
const nanosecondsPerMillisecond = 1_000_000;
const unknownSize = Buffer.from('01ffffffffffffff', 'hex');
/** Track 1, the time of the cluster, a key frame. */
const blockHeader = Buffer.of(0x81, 0, 0, 0x80);

/** The start of the stream. The rate is a hint; each picture has its own time. */
export function matroskaHead(options: { width: number; height: number; fps: number }): Buffer {
  const track = element(
    id.trackEntry,
    number(id.trackNumber, 1),
    number(id.trackUid, 1),
    number(id.trackType, videoTrack),
    number(id.flagLacing, 0),
    number(id.defaultDuration, Math.round((1000 / options.fps) * nanosecondsPerMillisecond)),
    text(id.codecId, 'V_MJPEG'),
    element(id.video, number(id.pixelWidth, options.width), number(id.pixelHeight, options.height)),
  );
  return Buffer.concat([
    element(
      id.ebml,
      text(id.docType, 'matroska'),
      number(id.docTypeVersion, 4),
      number(id.docTypeReadVersion, 2),
    ),
    Buffer.from(id.segment, 'hex'),
    unknownSize,
    element(
      id.info,
      number(id.timestampScale, nanosecondsPerMillisecond),
      text(id.muxingApp, 'Camplane'),
      text(id.writingApp, 'Camplane'),
    ),
    element(id.tracks, track),
  ]);
}

/** One picture at a time in milliseconds since the start of the stream. */
export function matroskaPicture(jpeg: Buffer, timeMs: number): Buffer {
  return element(id.cluster, number(id.clusterTimestamp, timeMs), element(id.simpleBlock, blockHeader, jpeg));
}

function element(name: string, ...contents: Buffer[]): Buffer {
  const size = Buffer.alloc(8);
  const bytes = contents.reduce((sum, content) => sum + content.length, 0);
  // The first bit set: the size has eight bytes.
  size.writeBigUInt64BE(BigInt(bytes) | (1n << 56n));
  return Buffer.concat([Buffer.from(name, 'hex'), size, ...contents]);
}

function number(name: string, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return element(name, bytes);
}

function text(name: string, value: string): Buffer {
  return element(name, Buffer.from(value, 'latin1'));
}
