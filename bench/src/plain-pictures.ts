import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { pictureMadeNow } from './picture-time.ts';

/*
 * The control of the live JPEG bench: sends each picture to every client, and nothing else. Arguments as of
 * paced-pictures.ts. Prints its port; ends with standard input.
 */

const [file = '', bytes = '', fps = ''] = process.argv.slice(2);
const jpeg = readFileSync(file);
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
setInterval(
  () => {
    const picture = pictureMadeNow(jpeg, Number(bytes));
    for (const client of server.clients) if (client.readyState === WebSocket.OPEN) client.send(picture);
  },
  1000 / Number(fps),
);
process.stdin.on('end', () => process.exit(0)).resume();
