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
  /** Pictures VLC wrote of what it showed, as PNG: one of 25 frames. */
  pictures: Buffer[];
};

const quitAfterMs = 5000;

/**
 * Plays an address in VLC (`cvlc`, without a window) for some seconds and says what it decoded. VLC refuses to
 * run as root; it runs as `nobody` then. Debian builds VLC without its RTSP module (bug 981439): an RTSP
 * address then throws an error that says so.
 */
export async function playWithVlc(url: string, seconds: number): Promise<VlcPlayback> {
  if (url.startsWith('rtsp:') && !(await vlcSpeaksRtsp())) {
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
    const asNobody = ['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups', '--', 'cvlc', ...args];
    const isRoot = process.getuid?.() === 0;
    const child = spawn(isRoot ? 'setpriv' : 'cvlc', isRoot ? asNobody : args, {
      cwd: home.path,
      env: { PATH: process.env['PATH'], HOME: home.path, XDG_RUNTIME_DIR: home.path, LC_ALL: 'C.UTF-8' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (complaint = (complaint + text).slice(-4000)));
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
    if (Number.isNaN(result.decodedFrames)) throw new Error(`VLC gave no statistics: ${complaint.trim()}`);
    return { ...result, pictures: await readPictures(home.path) };
  } finally {
    await home.remove();
  }
}

/** Whether the installed VLC has a module for RTSP. */
export async function vlcSpeaksRtsp(): Promise<boolean> {
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

async function readPictures(folder: string): Promise<Buffer[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.png')).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name))));
}
