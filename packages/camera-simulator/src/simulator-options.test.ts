import { describe, expect, it } from '@jest/globals';
import { parseSimulatorOptions } from './simulator-options.ts';

describe('the command line of the simulator', () => {
  it('plays footage without a login by default', () => {
    expect(parseSimulatorOptions([])).toMatchObject({
      kind: 'run',
      options: { content: 'footage', credentials: null, port: 8654, clip: { codec: 'h264', width: 768 } },
    });
  });

  it('parses every option', () => {
    const argv = '--content yard.mp4 --codec h265 --size 1280x720 --fps 25 --user a --password b --port 9000';
    expect(parseSimulatorOptions(argv.split(' '))).toMatchObject({
      kind: 'run',
      options: {
        content: { file: 'yard.mp4' },
        credentials: { username: 'a', password: 'b' },
        port: 9000,
        clip: { codec: 'h265', width: 1280, height: 720, fps: 25 },
      },
    });
  });

  it('combines deviations', () => {
    expect(
      parseSimulatorOptions('--deviation sdp-without-version --deviation login-basic'.split(' ')),
    ).toMatchObject({
      kind: 'deviate',
      options: {
        camera: { kind: 'rtsp', login: { schemes: ['basic'] }, sdp: { edits: [expect.any(Function)] } },
      },
    });
  });

  it.each([
    ['--deviation unheard-of', 'there is no deviation unheard-of'],
    ['--deviation hls-2-s --deviation login-basic', 'deviations of hls and rtsp cameras do not combine'],
    ['--codec vp9', '--codec must be one of h264, h265, mjpeg'],
    ['--size big', '--size must be WIDTHxHEIGHT, such as 1280x720'],
    ['--fps 1000', '--fps must be between 1 and 60'],
    ['--user a', '--user and --password belong together: give both or neither'],
    ['--port 0', '--port must be between 1 and 65535'],
    ['--path ../x', '--path must consist of letters and digits'],
    ['--colour red', "Unknown option '--colour'"],
  ])('refuses %s by name', (argv, message) => {
    const parsed = parseSimulatorOptions(argv.split(' '));
    expect(parsed.kind).toBe('wrong');
    expect(parsed.kind === 'wrong' && parsed.message).toContain(message);
  });
});
