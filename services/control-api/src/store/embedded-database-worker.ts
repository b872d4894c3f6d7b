import { PGlite } from '@electric-sql/pglite';
import { workerData } from 'node:worker_threads';

/** A worker thread: makes an empty database in the folder it is given, and ends. */
const { folder } = workerData as { folder: string };
const database = await PGlite.create(folder);
await database.close();
