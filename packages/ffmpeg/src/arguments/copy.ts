import type { FfmpegInvocation } from '../invocation.ts';
import { h264Arguments } from './publish.ts';
import { publishSource } from './publish-source.ts';
import type { PublishOptions } from './publish-source.ts';

/** Publishes a camera without re-encoding (R2.1). A test pattern has nothing to copy, so it is encoded. */
export function buildCopy(options: PublishOptions): FfmpegInvocation {
  const video = options.source.kind === 'test' ? h264Arguments(1) : ['-c:v', 'copy'];
  return publishSource(options, { probe: 'copy', video });
}
