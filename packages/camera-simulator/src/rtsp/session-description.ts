import type { RtspDeviation, TrackKind } from './deviation.ts';
import type { SoundClip } from './sound.ts';
import type { VideoClip } from './video-clip.ts';

/** A track of the session description; its payload type is that of its RTP packets. */
export type Track = { kind: TrackKind; control: string; payloadType: number; lines: readonly string[] };

/** Tracks in the order in which the description has them. */
export function tracksOf(deviation: RtspDeviation, video: VideoClip, sound: SoundClip | null): Track[] {
  const { more = [], soundFirst = false, control = {} } = deviation.tracks ?? {};
  const kinds: TrackKind[] = sound === null ? ['video'] : ['video', 'audio'];
  if (soundFirst) kinds.reverse();
  return [...kinds, ...more].map((kind, index) => ({
    kind,
    control: control[kind] ?? `trackID=${index}`,
    ...mediaOf(kind, video, sound, deviation.sdp?.withoutParameterSets === true),
  }));
}

function mediaOf(
  kind: TrackKind,
  video: VideoClip,
  sound: SoundClip | null,
  withoutSets: boolean,
): Pick<Track, 'payloadType' | 'lines'> {
  switch (kind) {
    case 'video':
      return videoMedia(video, withoutSets);
    case 'audio': {
      const payloadType = sound?.payloadType ?? 0;
      return { payloadType, lines: [`m=audio 0 RTP/AVP ${payloadType}`, ...(sound?.attributes ?? [])] };
    }
    case 'metadata':
      return {
        payloadType: 107,
        lines: ['m=application 0 RTP/AVP 107', 'a=rtpmap:107 vnd.onvif.metadata/90000'],
      };
    case 'backchannel':
      return { payloadType: 8, lines: ['m=audio 0 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', 'a=sendonly'] };
  }
}

function videoMedia(video: VideoClip, withoutSets: boolean): Pick<Track, 'payloadType' | 'lines'> {
  const sets = withoutSets ? [] : video.parameterSets.map((set) => set.toString('base64'));
  switch (video.codec) {
    case 'mjpeg':
      return { payloadType: 26, lines: ['m=video 0 RTP/AVP 26'] };
    case 'h264': {
      const sprop = sets.length === 0 ? '' : `;sprop-parameter-sets=${sets.slice(0, 2).join(',')}`;
      return {
        payloadType: 96,
        lines: ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', `a=fmtp:96 packetization-mode=1${sprop}`],
      };
    }
    case 'h265': {
      const [vps, sps, pps] = sets;
      const fmtp = vps === undefined ? [] : [`a=fmtp:96 sprop-vps=${vps};sprop-sps=${sps};sprop-pps=${pps}`];
      return { payloadType: 96, lines: ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H265/90000', ...fmtp] };
    }
  }
}

export function sessionDescription(deviation: RtspDeviation, tracks: readonly Track[], base: string): string {
  const head = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=camera', 'c=IN IP4 0.0.0.0', 't=0 0', 'a=control:*'];
  const media = tracks.flatMap(({ lines, control }) =>
    control === '' ? lines : [...lines, `a=control:${control.replace('BASE', base)}`],
  );
  const text = `${[...head, ...media].join('\r\n')}\r\n`;
  return (deviation.sdp?.edits ?? []).reduce((edited, edit) => edit(edited), text);
}

/** The track that a SETUP request means: clients join the control value to an address in different ways. */
export function trackOf(tracks: readonly Track[], uri: string): Track | undefined {
  if (tracks.length === 1) return tracks[0];
  return tracks.find(({ control }) => control !== '' && uri.endsWith(control.replace('BASE', '')));
}
