import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { sourceToUrl } from '@camplane/contracts/source-url';
import type { CameraSource } from '@camplane/contracts/source-url';
import type { FfmpegInvocation } from './invocation.ts';

/** A loopback address that serves a camera's video: see `SourceRelay` of camera-source. */
export type RelayInput = { kind: 'relay'; url: string; format: 'rtsp' | 'matroska' };

/** `url` is requested from `proxyUrl`; both are `http:`. */
export type HttpGatewayInput = { proxyUrl: string; url: string };

export type InputOptions = {
  source: CameraSource | RelayInput;
  transport: 'tcp' | 'udp';
  credentials: { username: string; password: string } | null;
  /**
   * Address of the proxy on loopback through which HTTP sources are opened (`HttpGateway` of camera-source), and what is
   * requested from it. Required for HTTP sources.
   */
  gateway?: HttpGatewayInput | null;
  /** Folder that contains `file:` sources. */
  mediaFolder: string;
  /** Also request sound. Tracks that are not requested are not set up: a camera may refuse that. */
  audio: boolean;
  /**
   * How long FFmpeg analyses the source before it starts; it always uses the whole time. `described`: until the first
   * picture, enough if the source has described its parameters. `copy`: 0.1 s, enough if nothing is decoded. `decode`: 0.3 s, enough if every frame is decoded. `thorough`: up to 1.5 s, to probe a source
   * or to find sound as well.
   */
  probe: 'described' | 'copy' | 'decode' | 'thorough';
  /** `unpaced`: reads a file or pattern once, as fast as possible. A camera sets its own pace. */
  pace?: 'live' | 'unpaced';
};

type NetworkSource = Extract<CameraSource, { kind: 'rtsp' | 'http' }>;

/** FFmpeg's read timeout for the camera, in microseconds: some take many seconds to answer a request. */
const socketTimeoutUs = 15_000_000;

// Without `fpsprobesize 0` FFmpeg waits for about twenty frames to estimate the rate: two seconds at 10 fps.
const probes = {
  // The least that FFmpeg accepts. By time alone, a camera with a picture every three seconds starts after 18 s.
  described: { analyzeduration: '100000', probesize: '32', fpsprobesize: '0' },
  copy: { analyzeduration: '100000', probesize: '100000', fpsprobesize: '0' },
  decode: { analyzeduration: '300000', probesize: '1000000', fpsprobesize: '0' },
  thorough: { analyzeduration: '1500000', probesize: '5000000' },
} as const;

const relayOptions = {
  rtsp: { protocol_whitelist: 'rtsp,rtp,tcp,udp', rtsp_transport: 'tcp' },
  matroska: { protocol_whitelist: 'http,tcp', f: 'matroska' },
} as const;

/**
 * Arguments that open a camera's source, up to and including `-i`, for ffmpeg and ffprobe 5.1 to 9.
 *
 * A network source with credentials is opened through an ffconcat list on standard input, with its options inside
 * (FFmpeg's concat demuxer, `option` directive), so that the URL with the password is not an argument. `-nostdin`
 * still allows that: it only stops FFmpeg from interpreting standard input as key presses.
 */
export function inputArguments(options: InputOptions): FfmpegInvocation {
  const { source } = options;
  const limits = probes[options.probe];
  const isLive = options.pace !== 'unpaced';
  // Not `fflags nobuffer`: it discards what the analysis has read, often the first key frame, which delays video by a
  // whole key-frame interval.
  const lowLatency = { flags: 'low_delay' };
  switch (source.kind) {
    case 'test':
      return {
        args: [
          ...flags({ protocol_whitelist: 'file' }),
          ...(isLive ? ['-re'] : []),
          ...['-f', 'lavfi', '-i', testGraph(source.pattern)],
        ],
      };
    case 'v4l2':
      return {
        args: [
          ...flags({ protocol_whitelist: 'file', ...lowLatency }),
          ...['-f', 'v4l2', '-i', source.device],
        ],
      };
    case 'file':
      return {
        args: [
          ...flags({ protocol_whitelist: 'file', ...limits }),
          ...(isLive ? ['-re', '-stream_loop', '-1'] : []),
          ...['-i', `file:${mediaFile(options.mediaFolder, source.path)}`],
        ],
      };
    case 'relay':
      return {
        args: [...flags({ ...relayOptions[source.format], ...lowLatency, ...limits }), '-i', source.url],
      };
    case 'rtsp':
    case 'http': {
      const { url, protocols, ...opening } = openingOf(source, options.gateway);
      const pace = isLive && isSegmented(source) ? ['-re'] : [];
      const start = isSegmented(source) ? playlistStart : {};
      const network = { ...limits, ...networkOptions(options, source), ...opening.options, ...start };
      if (options.credentials === null) {
        return {
          args: [
            ...flags({ protocol_whitelist: protocols, flags: 'low_delay', ...network }),
            ...pace,
            ...['-i', url],
          ],
          environment: opening.environment,
        };
      }
      return {
        args: [
          // The limits apply to the list and to the camera in it.
          ...flags({ protocol_whitelist: `pipe,${protocols}`, ...lowLatency, ...limits, safe: '0' }),
          ...pace,
          ...['-f', 'concat', '-i', 'pipe:0'],
        ],
        stdin: concatList(url, options.credentials, network),
        environment: opening.environment,
      };
    }
  }
}

/**
 * The absolute path of a file below the media folder. Throws if it is outside, by name or by a symbolic link.
 */
export function mediaFile(folder: string, path: string): string {
  const root = resolve(folder);
  const file = resolve(root, path);
  if (!isBelow(root, file) || !isBelow(realPath(root), realPath(file))) {
    throw new Error(`the file '${path}' is not below the media folder`);
  }
  return file;
}

function isBelow(folder: string, file: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Resolves the existing part of a path; the rest is unchanged. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = resolve(path, '..');
    return parent === path
      ? path
      : resolve(realPath(parent), path.slice(parent.length).replace(/^[/\\]/, ''));
  }
}

function networkOptions(
  { transport, audio }: Pick<InputOptions, 'transport' | 'audio'>,
  source: NetworkSource,
): Record<string, string> {
  if (source.kind === 'rtsp') {
    // Since FFmpeg 5, `timeout` of RTSP is the socket timeout in microseconds (before: for incoming connections).
    return {
      rtsp_transport: transport,
      allowed_media_types: audio ? 'video+audio' : 'video',
      timeout: String(socketTimeoutUs),
    };
  }
  // A redirect could lead inside the cluster; refuse it, as for RTSP.
  return { rw_timeout: String(socketTimeoutUs), max_redirects: '0' };
}

/**
 * Playlists list three segments or more. FFmpeg starts at the third from the end, which the camera removes next; at the
 * second from the end there is one segment to spare on either side.
 */
const playlistStart = { live_start_index: '-2' };

/** HLS: sends whole segments of several seconds at once, at which viewers would not see smooth video. */
export function isSegmented(source: CameraSource): boolean {
  return source.kind === 'http' && /\.m3u8$/i.test(source.path.split('?', 1)[0] ?? '');
}

/** How FFmpeg opens a network source: an HTTP address only through the gateway, which checks where it leads. */
function openingOf(
  source: NetworkSource,
  gateway: HttpGatewayInput | null | undefined,
): { url: string; protocols: string; options: Record<string, string>; environment: Record<string, string> } {
  if (source.kind === 'rtsp') {
    return {
      url: sourceToUrl(source),
      protocols: source.secure ? 'rtsp,rtp,tcp,udp,tls' : 'rtsp,rtp,tcp,udp',
      options: {},
      environment: {},
    };
  }
  if (!gateway) throw new Error('FFmpeg opens an HTTP source only through a gateway');
  return {
    url: gateway.url,
    protocols: 'http,tcp,crypto',
    options: { http_proxy: gateway.proxyUrl },
    // FFmpeg connects itself to the hosts in this variable.
    environment: { no_proxy: '' },
  };
}

function testGraph(pattern: Extract<CameraSource, { kind: 'test' }>['pattern']): string {
  return `${pattern}=size=1280x720:rate=25`;
}

function flags(options: Record<string, string>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]);
}

function concatList(
  url: string,
  credentials: { username: string; password: string },
  options: Record<string, string>,
): string {
  const lines = Object.entries(options).map(([name, value]) => `option ${name} ${value}`);
  return [
    'ffconcat version 1.0',
    `file ${quoteForConcat(urlWithCredentials(url, credentials))}`,
    ...lines,
    '',
  ].join('\n');
}

/** A secret: only for standard input, never for an argument or a log. */
export function urlWithCredentials(
  url: string,
  { username, password }: { username: string; password: string },
): string {
  const host = url.indexOf('://') + '://'.length;
  return `${url.slice(0, host)}${encodeUserInformation(username)}:${encodeUserInformation(password)}@${url.slice(host)}`;
}

/** Percent-encodes everything except unreserved characters (RFC 3986, 2.3); `encodeURIComponent` skips five others. */
function encodeUserInformation(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Inside single quotes only the quote itself is special (FFmpeg utilities, "Quoting and escaping"). */
export function quoteForConcat(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
