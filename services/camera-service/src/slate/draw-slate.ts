import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSlate } from '@camplane/ffmpeg/arguments/slate';
import type { FfmpegInvocation } from '@camplane/ffmpeg/invocation';
import { startChild } from '@camplane/supervisor/child-process';
import type { SlateRenderer } from './slate-files.ts';

const timeoutMs = 20_000;
/** Characters that fit into the width of the slate. */
const titleMaxLength = 40;

/** Draws slates with FFmpeg. Throws when FFmpeg fails. */
export function createSlateRenderer(options: { ffmpegPath: string; fontFile: string }): SlateRenderer {
  return async ({ codec, audio, text, output, signal }) => {
    const folder = await mkdtemp(join(tmpdir(), 'camplane-slate-'));
    try {
      const titleFile = join(folder, 'title.txt');
      const lineFile = join(folder, 'line.txt');
      await writeFile(titleFile, shorten(text.title, titleMaxLength));
      await writeFile(lineFile, text.line);
      const child = startChild({
        name: 'slate',
        // A slate is the least urgent work of a machine.
        command: 'nice',
        ...niced(
          options.ffmpegPath,
          buildSlate({ codec, audio, titleFile, lineFile, fontFile: options.fontFile, output }),
        ),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      const ending = await child.ended;
      if (ending.kind !== 'exited' || ending.code !== 0) {
        throw new Error(`drawing the slate failed: ${ending.stderrTail.slice(-3).join(' ') || ending.kind}`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

function shorten(text: string, maxLength: number): string {
  const characters = [...text];
  return characters.length <= maxLength ? text : `${characters.slice(0, maxLength - 1).join('')}…`;
}

/** `nice` (POSIX) replaces itself by the program, so the process id stays the same. */
function niced(command: string, invocation: FfmpegInvocation): { args: string[] } {
  return { args: ['-n', '19', command, ...invocation.args] };
}
