import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Names, versions and licence texts of packages. Most licences require their text in every copy, and an image is one.
 *
 * @param folders installed packages, in any order, repetitions allowed
 */
export async function licensesOf(folders: Iterable<string>): Promise<string> {
  const sections = await Promise.all([...new Set(folders)].map(describePackage));
  return [...new Set(sections)].sort((a, b) => a.localeCompare(b)).join('\n');
}

async function describePackage(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = (await readdir(folder)).filter(isLicense).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const contents = await readFile(licenseOfContents(name), 'utf8').catch(() => undefined);
  if (contents !== undefined) texts.push(contents);
  return [
    `${name} ${version} (${license ?? 'see below'})`,
    ...[...new Set(texts)].map((text) => `\n${text.trim()}`),
    `\n${'-'.repeat(80)}\n`,
  ].join('\n');
}

/** `BUNDLE.js.LICENSE.txt` contains the notices of packages inside a bundle, such as swagger-ui's. */
function isLicense(file: string): boolean {
  return /^(licen[cs]e|notice|copying)|\.licen[cs]e\.txt$/i.test(file);
}

/** `licenses/SCOPE.txt`: the licence of the program inside a package, if the package's own file does not cover it. */
function licenseOfContents(name: string): string {
  return join(import.meta.dirname, 'licenses', `${name.replace('@', '').split('/', 1)[0]}.txt`);
}

/** The folder of the npm package that contains a file, or undefined for a file of this repository. */
export function packageFolderOf(file: string): string | undefined {
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}
