import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { sourceToUrl } from '@camplane/contracts/source-url';
import type { CameraSource } from '@camplane/contracts/source-url';

export type InputOptions = {
  source: CameraSource;
  transport: 'tcp' | 'udp';
  credentials: { username: string; password: string } | null;
  /** Folder below which `file:` sources live. */
  mediaFolder: string;
  /**
   * How long FFmpeg looks at the source before it begins; it uses all of it. `copy`: a tenth of a second, enough
   * where nothing is decoded. `decode`: a third of a second, enough where every frame is. `thorough`: up to a second
   * and a half, to tell what a source is, or where sound must be found too.
   */
  probe: 'copy' | 'decode' | 'thorough';
  /** `unpaced`: a file or pattern is read as fast as it goes, and once. A camera sets its own pace. */
  pace?: 'live' | 'unpaced';
};

type NetworkSource = Extract<CameraSource, { kind: 'rtsp' | 'http' }>;

/** How long the camera may be silent on its connection before FFmpeg gives up, in microseconds. */
const socketTimeoutUs = 8_000_000;

// Without `fpsprobesize 0` FFmpeg waits for some twenty frames to guess their rate: two seconds at 10 fps.
const probes = {
  copy: { analyzeduration: '100000', probesize: '100000', fpsprobesize: '0' },
  decode: { analyzeduration: '300000', probesize: '1000000', fpsprobesize: '0' },
  thorough: { analyzeduration: '1500000', probesize: '5000000' },
} as const;

/**
 * The arguments that open a camera's source, up to and with `-i`, for ffmpeg and ffprobe 5.1 to 8.
 *
 * With credentials, a network source is opened through an ffconcat list on standard input, options inside it
 * (FFmpeg's concat demuxer, `option` directive): the URL with its password is in no argument. `-nostdin` does
 * not hinder that: it only keeps FFmpeg from taking what comes there for keys.
 */
export function inputArguments(options: InputOptions): { args: string[]; stdin?: string } {
  const { source } = options;
  const limits = probes[options.probe];
  const isLive = options.pace !== 'unpaced';
  // Not `fflags nobuffer`: it throws away what was read for the analysis, often the first key frame, and the
  // picture comes a whole key-frame interval later.
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
    case 'rtsp':
    case 'http': {
      const network = { ...limits, ...networkOptions(options.transport, source) };
      if (options.credentials === null) {
        return {
          args: [
            ...flags({ protocol_whitelist: protocols(source), flags: 'low_delay', ...network }),
            ...['-i', sourceToUrl(source)],
          ],
        };
      }
      return {
        args: [
          // The limits count for the list as well as for the camera in it.
          ...flags({ protocol_whitelist: `pipe,${protocols(source)}`, ...lowLatency, ...limits, safe: '0' }),
          ...['-f', 'concat', '-i', 'pipe:0'],
        ],
        stdin: concatList(source, options.credentials, network),
      };
    }
  }
}

/**
 * The absolute path of a file below the media folder. Throws for one that lies outside, by its name or, where
 * it exists, by a symbolic link.
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

/** Of what exists of a path; the rest is as it stands. */
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

function networkOptions(transport: 'tcp' | 'udp', source: NetworkSource): Record<string, string> {
  if (source.kind === 'rtsp') {
    // Since FFmpeg 5, `timeout` of RTSP is the socket's time limit in microseconds (before: of waiting to be called).
    return { rtsp_transport: transport, timeout: String(socketTimeoutUs) };
  }
  // A redirect may lead inside the cluster; it is refused as RTSP's are.
  return { rw_timeout: String(socketTimeoutUs), max_redirects: '0' };
}

function protocols(source: NetworkSource): string {
  return source.kind === 'rtsp' ? 'rtsp,rtp,tcp,udp,tls,crypto' : 'http,https,tcp,tls,crypto';
}

function testGraph(pattern: Extract<CameraSource, { kind: 'test' }>['pattern']): string {
  return `${pattern}=size=1280x720:rate=25`;
}

function flags(options: Record<string, string>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]);
}

function concatList(
  source: NetworkSource,
  credentials: { username: string; password: string },
  options: Record<string, string>,
): string {
  const lines = Object.entries(options).map(([name, value]) => `option ${name} ${value}`);
  return [
    'ffconcat version 1.0',
    `file ${quoteForConcat(urlWithCredentials(source, credentials))}`,
    ...lines,
    '',
  ].join('\n');
}

/** A secret: for standard input alone, never for an argument or a log. */
export function urlWithCredentials(
  source: NetworkSource,
  { username, password }: { username: string; password: string },
): string {
  const url = sourceToUrl(source);
  const host = url.indexOf('://') + '://'.length;
  return `${url.slice(0, host)}${encodeUserInformation(username)}:${encodeUserInformation(password)}@${url.slice(host)}`;
}

/** Percent-encodes all but unreserved characters (RFC 3986, 2.3); `encodeURIComponent` leaves five of the others. */
function encodeUserInformation(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Inside single quotes nothing is special but the quote itself (FFmpeg utilities, "Quoting and escaping"). */
export function quoteForConcat(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
