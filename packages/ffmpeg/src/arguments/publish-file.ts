import type { FfmpegInvocation } from '../invocation.ts';
import { quietArguments } from '../invocation.ts';
import { publishArguments } from './publish.ts';

/** Publishes the start of a local film to a MediaMTX path, without re-encoding, in real time. */
export function buildPublishFile(options: {
  file: string;
  seconds: number;
  target: string;
}): FfmpegInvocation {
  return {
    args: [
      ...quietArguments,
      ...['-protocol_whitelist', 'file', '-re', '-i', `file:${options.file}`, '-t', String(options.seconds)],
      ...['-map', '0', '-c', 'copy', ...publishArguments(options.target)],
    ],
  };
}
