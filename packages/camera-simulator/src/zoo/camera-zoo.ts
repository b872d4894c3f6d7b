import { codecRows, tlsRows } from './codec-rows.ts';
import { descriptionRows } from './description-rows.ts';
import { hlsRows, multipartRows, pictureRows, snapshotRows } from './http-rows.ts';
import { loginRows, refusedLoginRows } from './login-rows.ts';
import { sessionRows } from './session-rows.ts';
import { soundRows } from './sound-rows.ts';
import { timestampRows, timingRows } from './timing-rows.ts';
import type { ZooGroup, ZooRow } from './zoo-row.ts';

/** Deviations of real cameras, with what Camplane does about each. */
export const cameraZoo: readonly ZooGroup[] = [
  { title: 'Login', rows: [...loginRows, ...refusedLoginRows] },
  { title: 'Session description and tracks', rows: descriptionRows },
  { title: 'Requests and sessions', rows: sessionRows },
  { title: 'TLS', rows: tlsRows },
  { title: 'Timing', rows: timingRows },
  { title: 'Timestamps', rows: timestampRows },
  { title: 'Video', rows: codecRows },
  { title: 'Sound', rows: soundRows },
  { title: 'MJPEG over HTTP', rows: multipartRows },
  { title: 'Forms of JPEG', rows: pictureRows },
  { title: 'Snapshots', rows: snapshotRows },
  { title: 'HLS sources', rows: hlsRows },
];

export const zooRows: readonly ZooRow[] = cameraZoo.flatMap(({ rows }) => rows);
