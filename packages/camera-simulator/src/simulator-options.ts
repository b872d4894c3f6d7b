import { isIPv4 } from 'node:net';
import { parseArgs } from 'node:util';
import { messageOf } from '@camplane/runtime/message-of';
import type { ClipOptions } from './clip.ts';
import { zooRows } from './zoo/camera-zoo.ts';
import { mergeZooCameras } from './zoo/merge-zoo-cameras.ts';
import type { ZooCamera } from './zoo/zoo-row.ts';

/** Parsed command line of the simulator. */
export type SimulatorOptions = {
  /** Footage falls back to a pattern if it is not installed. */
  content: 'footage' | 'pattern' | { file: string };
  clip: Omit<ClipOptions, 'content'>;
  credentials: { username: string; password: string } | null;
  port: number;
  host: string;
  path: string;
};

/** A camera of the zoo: several deviations in one. */
export type DeviationOptions = { camera: ZooCamera; port: number; host: string };

export type ParsedOptions =
  | { kind: 'run'; options: SimulatorOptions }
  | { kind: 'deviate'; options: DeviationOptions }
  | { kind: 'help' }
  | { kind: 'list' }
  | { kind: 'wrong'; message: string };

export const simulatorUsage = `A simulated RTSP camera.

  --content   footage (people walking, default), pattern (with a time mark), or a video file
  --codec     h264 (default), h265, mjpeg
  --size      WIDTHxHEIGHT, default 768x576
  --fps       frames per second, default 10
  --gop       seconds between key frames, default 1
  --audio     none (default), aac, pcmu
  --user      user name; with --password. Without both, anyone may read
  --password  password
  --port      default 8654
  --host      listen address, default 127.0.0.1; in a container 0.0.0.0
  --path      default stream1

  --deviation a deviation of real cameras; repeat it to combine several. Of the options above, only --port and
              --host apply
  --list      lists the deviations

While it runs, type: freeze, thaw, vanish, back, quit.
`;

const codecs = ['h264', 'h265', 'mjpeg'] as const;
const audios = ['none', 'aac', 'pcmu'] as const;

/** Parses `argv` (without program and script). Never throws. */
export function parseSimulatorOptions(argv: readonly string[]): ParsedOptions {
  let values: Record<string, string | boolean | string[] | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        content: { type: 'string', default: 'footage' },
        codec: { type: 'string', default: 'h264' },
        size: { type: 'string', default: '768x576' },
        fps: { type: 'string', default: '10' },
        gop: { type: 'string', default: '1' },
        audio: { type: 'string', default: 'none' },
        user: { type: 'string' },
        password: { type: 'string' },
        port: { type: 'string', default: '8654' },
        host: { type: 'string', default: '127.0.0.1' },
        path: { type: 'string', default: 'stream1' },
        deviation: { type: 'string', multiple: true },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return { kind: 'wrong', message: messageOf(error) };
  }
  if (values['help'] === true) return { kind: 'help' };
  if (values['list'] === true) return { kind: 'list' };
  try {
    if (Array.isArray(values['deviation'])) {
      const camera = mergeZooCameras(values['deviation'].map(cameraOf));
      const { port, host } = addressOf(values as Record<string, string | undefined>);
      return { kind: 'deviate', options: { camera, port, host } };
    }
    return { kind: 'run', options: optionsOf(values as Record<string, string | undefined>) };
  } catch (error) {
    return { kind: 'wrong', message: messageOf(error) };
  }
}

function optionsOf(values: Record<string, string | undefined>): SimulatorOptions {
  const { content = '', user, password, path = '' } = values;
  const size = /^(\d{2,5})x(\d{2,5})$/.exec(values['size'] ?? '');
  if (!size) throw new RangeError('--size must be WIDTHxHEIGHT, such as 1280x720');
  if ((user === undefined) !== (password === undefined)) {
    throw new RangeError('--user and --password belong together: give both or neither');
  }
  if (!/^[a-z0-9][a-z0-9/_-]*$/i.test(path))
    throw new RangeError('--path must consist of letters and digits');
  return {
    content: content === 'footage' || content === 'pattern' ? content : { file: content },
    clip: {
      codec: oneOf('--codec', values['codec'], codecs),
      width: Number(size[1]),
      height: Number(size[2]),
      fps: within('--fps', values['fps'], 1, 60),
      keyFrameIntervalSeconds: within('--gop', values['gop'], 0.1, 20),
      audio: oneOf('--audio', values['audio'], audios),
    },
    credentials: user === undefined || password === undefined ? null : { username: user, password },
    ...addressOf(values),
    path,
  };
}

function addressOf(values: Record<string, string | undefined>): { port: number; host: string } {
  return { port: within('--port', values['port'], 1, 65_535), host: ipv4('--host', values['host']) };
}

function cameraOf(name: string): ZooCamera {
  const row = zooRows.find((candidate) => candidate.name === name);
  if (row === undefined) throw new RangeError(`there is no deviation ${name}; --list lists them`);
  return row.camera;
}

function oneOf<T extends string>(name: string, value: string | undefined, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw new RangeError(`${name} must be one of ${allowed.join(', ')}`);
  return found;
}

function ipv4(name: string, text = ''): string {
  if (isIPv4(text)) return text;
  throw new RangeError(`${name} must be an IPv4 address of this machine, such as 127.0.0.1 or 0.0.0.0`);
}

function within(name: string, text: string | undefined, min: number, max: number): number {
  const value = Number(text);
  if (!(value >= min && value <= max)) throw new RangeError(`${name} must be between ${min} and ${max}`);
  return value;
}
