/** Opens PGlite in a folder (`none`: does not), prints the milliseconds it took, and runs until standard input ends. */
const folder = process.argv[2] ?? 'none';
const startedMs = performance.now();
if (folder !== 'none') {
  const { PGlite } = await import('@electric-sql/pglite');
  await PGlite.create(folder);
}
process.stdout.write(`${performance.now() - startedMs}\n`);
process.stdin.resume().once('end', () => process.exit(0));
