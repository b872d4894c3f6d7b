import { readFileSync } from 'node:fs';
import { pictureMadeNow } from './picture-time.ts';

/*
 * Replaces the FFmpeg of a live JPEG stream: writes pictures of a fixed size to standard output at a fixed rate. Arguments:
 * a JPEG file, the size in bytes, pictures per second.
 */

const [file = '', bytes = '', fps = ''] = process.argv.slice(2);
const jpeg = readFileSync(file);
process.stdout.on('error', () => process.exit(0));
setInterval(() => process.stdout.write(pictureMadeNow(jpeg, Number(bytes))), 1000 / Number(fps));
