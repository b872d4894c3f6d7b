import { startChild } from '@camplane/supervisor/child-process';
import type { Child, ChildOptions, ChildUser } from '@camplane/supervisor/child-process';
import { delimiter } from 'node:path';
import type { DatabaseFolder } from './database-folder.ts';
import type { PostgresProgram } from './postgres-program.ts';

/** What starting a program of PostgreSQL takes. */
export type PostgresInstallation = {
  program: PostgresProgram;
  folder: DatabaseFolder;
  user: ChildUser | undefined;
};

/** Starts `postgres` or `initdb` as PostgreSQL's user, with its libraries. */
export function startPostgresProgram(
  { program, folder, user }: PostgresInstallation,
  options: Omit<ChildOptions, 'stopSignal' | 'parentDeathSignal' | 'environment' | 'user'>,
): Child {
  const libraries = [folder.libraries, program.libraryFolder].filter((each) => each !== undefined);
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return startChild({
    ...options,
    stopSignal: 'SIGINT',
    // "Immediate shutdown": the server ends its own children, which SIGKILL would leave to notice.
    parentDeathSignal: 'SIGQUIT',
    environment: {
      // Messages in English, which are parsed.
      LC_ALL: 'C',
      ...(program.libraryFolder === undefined ? {} : { [variable]: libraries.join(delimiter) }),
    },
    ...(user === undefined ? {} : { user }),
  });
}
