import { codecOf, parameterSetsOf } from './sdp.ts';
import type { DescribedMedia } from './sdp.ts';

/**
 * The description given to FFmpeg: only the tracks that play, with the parameter sets of the stream, or else those of the
 * camera's description.
 */
export function relayDescription(options: {
  video: DescribedMedia;
  videoSets: readonly Buffer[];
  audio: DescribedMedia | null;
}): string {
  const { video, audio } = options;
  return [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=camera',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    ...section(video, withParameterSets(video, options.videoSets), 0),
    ...(audio ? section(audio, new Map(audio.parameters), 1) : []),
    '',
  ].join('\r\n');
}

function section(media: DescribedMedia, parameters: ReadonlyMap<string, string>, track: number): string[] {
  const { type, mapping } = media;
  const payloadType = media.payloadTypes[0] ?? 96;
  const channels = mapping && mapping.channels > 1 ? `/${mapping.channels}` : '';
  const values = [...parameters].map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return [
    `m=${type} 0 RTP/AVP ${payloadType}`,
    ...(mapping
      ? [`a=rtpmap:${payloadType} ${mapping.name.toUpperCase()}/${mapping.clockRate}${channels}`]
      : []),
    ...(values.length > 0 ? [`a=fmtp:${payloadType} ${values.join('; ')}`] : []),
    `a=control:track${track}`,
  ];
}

function withParameterSets(video: DescribedMedia, seen: readonly Buffer[]): Map<string, string> {
  const parameters = new Map(video.parameters);
  const codec = codecOf(video);
  if (codec === 'h264') {
    const sets = seen.length >= 2 ? seen : parameterSetsOf(video);
    parameters.delete('sprop-parameter-sets');
    if (sets.length > 0) parameters.set('sprop-parameter-sets', sets.map(base64).join(','));
  }
  if (codec === 'h265' && seen.length >= 3) {
    ['sprop-vps', 'sprop-sps', 'sprop-pps'].forEach((name, index) => {
      const set = seen[index];
      if (set) parameters.set(name, base64(set));
    });
  }
  return parameters;
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}
