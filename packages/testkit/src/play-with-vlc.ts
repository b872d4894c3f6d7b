import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder } from './temporary-folder.ts';

export type VlcPlayback = {
  /** From VLC's own statistics. */
  decodedFrames: number;
  shownFrames: number;
  lostFrames: number;
  /** PNG images of displayed frames: one of 25. */
  images: Buffer[];
};

const quitAfterMs = 5000;

/**
 * Plays a URL in VLC (`cvlc`, without a window) for some seconds and returns its statistics. VLC refuses to run as root,
 * so it then runs as an unprivileged user. Debian builds VLC without the RTSP module (bug 981439): an RTSP URL then throws.
 */
export async function playWithVlc(url: string, seconds: number): Promise<VlcPlayback> {
  if (url.startsWith('rtsp:') && !(await vlcSupportsRtsp())) {
    throw new Error('this VLC has no RTSP module (Debian builds it without live555, bug 981439)');
  }
  const home = await createTemporaryFolder();
  await chmod(home.path, 0o777);
  try {
    const args = [
      ...['--extraintf', 'rc', '--rc-fake-tty', '--no-audio', '--vout', 'vdummy', '--no-video-title-show'],
      ...[
        '--network-caching',
        '300',
        '--video-filter',
        'scene',
        '--scene-format',
        'png',
        '--scene-ratio',
        '25',
      ],
      ...['--scene-path', home.path, url],
    ];
    const unprivileged = ['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups', '--', 'cvlc', ...args];
    const isRoot = process.getuid?.() === 0;
    const child = spawn(isRoot ? 'setpriv' : 'cvlc', isRoot ? unprivileged : args, {
      cwd: home.path,
      env: { PATH: process.env['PATH'], HOME: home.path, XDG_RUNTIME_DIR: home.path, LC_ALL: 'C.UTF-8' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    let errorOutput = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (errorOutput = (errorOutput + text).slice(-4000)));
    child.stdin.on('error', () => undefined);
    const timers = [
      setTimeout(() => child.stdin.write('stats\n'), seconds * 1000),
      setTimeout(() => child.stdin.write('quit\n'), seconds * 1000 + 300),
      setTimeout(() => child.kill('SIGKILL'), seconds * 1000 + quitAfterMs),
    ];
    await once(child, 'close').finally(() => timers.forEach(clearTimeout));
    const count = (name: string) => Number(new RegExp(`${name}\\s*:\\s*(\\d+)`).exec(output)?.[1] ?? NaN);
    const result = {
      decodedFrames: count('video decoded'),
      shownFrames: count('frames displayed'),
      lostFrames: count('frames lost'),
    };
    if (Number.isNaN(result.decodedFrames))
      throw new Error(`VLC printed no statistics: ${errorOutput.trim()}`);
    return { ...result, images: await readImages(home.path) };
  } finally {
    await home.remove();
  }
}

/** Whether the installed VLC has a module for RTSP. */
export async function vlcSupportsRtsp(): Promise<boolean> {
  const roots = (await readdir('/usr/lib')).map((name) =>
    join('/usr/lib', name, 'vlc/plugins/access/liblive555_plugin.so'),
  );
  const found = await Promise.all(
    [...roots, '/usr/lib/vlc/plugins/access/liblive555_plugin.so'].map((file) =>
      stat(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

async function readImages(folder: string): Promise<Buffer[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.png')).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name))));
}
