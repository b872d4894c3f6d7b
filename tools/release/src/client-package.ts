import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const client = 'packages/api-client';
/** The only package of the workspace that the client may import: its sources become part of the package. */
const contracts = '@camplane/contracts';

type Manifest = {
  name: string;
  version: string;
  description: string;
  license: string;
  engines: Record<string, string>;
  dependencies: Record<string, string>;
};

/**
 * Writes `packages/api-client` as an npm package without a workspace dependency: JavaScript and declarations of its
 * sources and of the sources of contracts that they import, README, licence and package.json.
 *
 * @param target a folder, which is replaced
 * @param repositoryUrl for package.json
 * @throws Error if the sources do not compile or need another package of the workspace
 */
export async function writeClientPackage(
  root: string,
  target: string,
  repositoryUrl?: string,
): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, client, 'package.json'), 'utf8')) as Manifest;
  const names = (await readdir(join(root, client, 'src')))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length));
  await rm(target, { recursive: true, force: true });
  for (const [file, text] of compile(root, names)) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await writeFile(join(target, file), text);
  }
  await writeFile(
    join(target, 'package.json'),
    `${JSON.stringify(publishedManifest(manifest, names, repositoryUrl), null, 2)}\n`,
  );
  await cp(join(root, client, 'README.md'), join(target, 'README.md'));
  await cp(join(root, 'LICENSE'), join(target, 'LICENSE'));
}

function publishedManifest(manifest: Manifest, names: readonly string[], repositoryUrl?: string): object {
  const { name, version, description, license, engines } = manifest;
  const { [contracts]: _included, ...dependencies } = manifest.dependencies;
  const internal = Object.entries(dependencies).find(([, range]) => range.startsWith('workspace:'));
  if (internal) throw new Error(`${client} depends on ${internal[0]}, which is not published`);
  const entry = (file: string) => ({
    types: `./api-client/${file}.d.ts`,
    default: `./api-client/${file}.js`,
  });
  return {
    name,
    version,
    description,
    license,
    ...(repositoryUrl === undefined
      ? {}
      : { repository: { type: 'git', url: `git+${repositoryUrl}.git`, directory: client } }),
    type: 'module',
    engines,
    files: ['api-client', 'contracts'],
    sideEffects: false,
    types: './api-client/api-client.d.ts',
    exports: {
      '.': entry('api-client'),
      ...Object.fromEntries(names.map((file) => [`./${file}`, entry(file)])),
      './package.json': './package.json',
    },
    dependencies,
  };
}

/** @returns text by path: `api-client/FILE.js`, `contracts/FILE.d.ts` and so on */
function compile(root: string, names: readonly string[]): Map<string, string> {
  const packages = join(root, 'packages');
  const base = ts.readConfigFile(join(root, 'tsconfig.base.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...(base.config as { compilerOptions: object }).compilerOptions,
      // Runs in browsers too.
      lib: ['es2024', 'dom', 'dom.iterable'],
      types: [],
      // As sources of the program: TypeScript emits nothing for packages that it finds in node_modules.
      paths: { [`${contracts}/*`]: ['./packages/contracts/src/*.ts'] },
      noEmit: false,
      noEmitOnError: true,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: packages,
      outDir: packages,
    },
    root,
  );
  const program = ts.createProgram(
    names.map((name) => join(root, client, 'src', `${name}.ts`)),
    options,
  );
  const written = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (path, text) => {
    written.set(relative(packages, path).replace('/src/', '/'), withRelativeImports(text));
  });
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (problems.length > 0) {
    throw new Error(
      ts.formatDiagnostics(problems, {
        getCurrentDirectory: () => root,
        getCanonicalFileName: (file) => file,
        getNewLine: () => '\n',
      }),
    );
  }
  return written;
}

/** Declarations keep the extension `.ts`, which TypeScript rewrites in JavaScript only. */
function withRelativeImports(text: string): string {
  return text
    .replaceAll(/(["'])@camplane\/contracts\/([\w./-]+)\1/g, '$1../contracts/$2.js$1')
    .replaceAll(/(from |import\()(["'])(\.{1,2}\/[\w./-]+)\.ts\2/g, '$1$2$3.js$2');
}

/** `node tools/release/src/client-package.ts TARGET [REPOSITORY_URL]` */
if (import.meta.main) {
  const [target, repositoryUrl] = process.argv.slice(2);
  if (target === undefined) throw new Error('usage: client-package.ts TARGET [REPOSITORY_URL]');
  await writeClientPackage(join(import.meta.dirname, '../../..'), target, repositoryUrl);
}
