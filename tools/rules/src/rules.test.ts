import { describe, expect, it } from '@jest/globals';
import { findCycles } from './cycles.ts';
import {
  contractsImportsZodAlone,
  dependenciesPointOneWay,
  filesHaveNoCycles,
  importsAreDeclared,
  declaredDependenciesAreUsed,
  relativeImportsStayInside,
  workspacesHaveNoCycles,
} from './dependency-rules.ts';
import { environmentIsDeclared, environmentIsReadInOnePlace } from './environment-rules.ts';
import { nothingIsHalfMerged, nothingNamesOneMachine, workspacesSayWhatBelongsInThem } from './file-rules.ts';
import { anchorsOf, linksOf, linksWork } from './link-rules.ts';
import { apiRoot } from '@camplane/contracts/operation-parts';
import { repositoryOf } from './repository.ts';
import type { Rule } from './repository.ts';
import {
  apiPathsComeFromTheTable,
  exportsAreNamed,
  filesAreKebabCase,
  filesAreShort,
  metricsAreNamedByTheRule,
  namesSaySomething,
  testsAreNeitherSkippedNorSingledOut,
} from './source-rules.ts';

const manifest = (name: string, dependencies: string[] = [], devDependencies: string[] = []) =>
  JSON.stringify({
    name,
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '1.0.0'])),
    devDependencies: Object.fromEntries(devDependencies.map((dependency) => [dependency, '1.0.0'])),
  });

/** A small repository without violations. */
const sound = {
  'package.json': manifest('camplane', [], ['@jest/globals']),
  'packages/contracts/package.json': manifest('@camplane/contracts', ['zod']),
  'packages/contracts/src/camera.ts': `import { z } from 'zod';\nexport const camera = z.string();\n`,
  'packages/ffmpeg/package.json': manifest('@camplane/ffmpeg', ['@camplane/contracts'], ['@types/express']),
  'packages/ffmpeg/src/probe.ts':
    `import { spawn } from 'node:child_process';\nimport type { Router } from 'express';\n` +
    `import { camera } from '@camplane/contracts/camera';\nexport const probe = [spawn, camera] as Router[];\n`,
  'packages/testkit/package.json': manifest('@camplane/testkit', ['@camplane/ffmpeg']),
  'packages/testkit/src/camera.ts': `export { probe } from '@camplane/ffmpeg/probe';\n`,
  'services/camera-service/package.json': manifest(
    '@camplane/camera-service',
    ['@camplane/ffmpeg'],
    ['@camplane/testkit'],
  ),
  'services/camera-service/src/app.ts': `import { probe } from '@camplane/ffmpeg/probe';\nimport { b } from './b.ts';\nexport const app = [probe, b];\n`,
  'services/camera-service/src/b.ts': `import type { app } from './app.ts';\nexport const b = (_: typeof app) => 1;\n`,
  'services/camera-service/src/app.test.ts': `import { it } from '@jest/globals';\nimport { probe } from '@camplane/testkit/camera';\nit('works', () => probe);\n`,
  'services/standalone/package.json': manifest('@camplane/standalone', ['@camplane/camera-service']),
  'services/standalone/src/main.ts': `import { app } from '@camplane/camera-service/app';\nconsole.log(app);\n`,
};

type Breach = [what: string, rule: Rule, files: Record<string, string>, complaint: RegExp];

const breaches: Breach[] = [
  [
    'a service that imports another service',
    dependenciesPointOneWay,
    {
      'services/control-api/package.json': manifest('@camplane/control-api', ['@camplane/camera-service']),
      'services/control-api/src/app.ts': `import { app } from '@camplane/camera-service/app';\nexport const x = app;`,
    },
    /control-api\/src\/app\.ts imports @camplane\/camera-service\/app: a service imports no other/,
  ],
  [
    'a package that imports the type of a service',
    dependenciesPointOneWay,
    {
      'packages/ffmpeg/src/x.ts': `import type { app } from '@camplane/camera-service/app';\nexport type X = typeof app;`,
    },
    /dependencies point from services to packages/,
  ],
  [
    'a relative import of a service',
    dependenciesPointOneWay,
    {
      'packages/ffmpeg/src/x.ts': `import { app } from '../../../services/camera-service/src/app.ts';\nexport const x = app;`,
    },
    /dependencies point from services/,
  ],
  [
    'testkit in production code',
    dependenciesPointOneWay,
    {
      'services/camera-service/src/x.ts': `import { probe } from '@camplane/testkit/camera';\nexport const x = probe;`,
    },
    /testkit is for tests/,
  ],
  [
    'a package that imports more than its few dependencies',
    dependenciesPointOneWay,
    {
      'packages/jpeg-tap/package.json': manifest('@camplane/jpeg-tap', ['@camplane/contracts']),
      'packages/jpeg-tap/src/x.ts': `export { camera } from '@camplane/contracts/camera';`,
    },
    /packages\/jpeg-tap may import packages\/camera-source, .* only/,
  ],
  [
    'contracts importing a package',
    dependenciesPointOneWay,
    { 'packages/contracts/src/x.ts': `export * from '@camplane/ffmpeg/probe';` },
    /contracts is a leaf/,
  ],
  [
    'contracts importing Node.js',
    contractsImportsZodAlone,
    { 'packages/contracts/src/x.ts': `import { join } from 'node:path';\nexport const x = join;` },
    /imports node:path/,
  ],
  [
    'a relative import that leaves its package',
    relativeImportsStayInside,
    {
      'packages/ffmpeg/src/x.ts': `import { camera } from '../../contracts/src/camera.ts';\nexport const x = camera;`,
    },
    /outside its package/,
  ],
  [
    'an undeclared import',
    importsAreDeclared,
    { 'packages/ffmpeg/src/x.ts': `export const x = await import('execa');` },
    /imports execa, which packages\/ffmpeg\/package\.json does not declare/,
  ],
  [
    'a value import of a package with only its types declared',
    importsAreDeclared,
    { 'packages/ffmpeg/src/x.ts': `import { Router } from 'express';\nexport const x = Router;` },
    /imports express/,
  ],
  [
    'a development tool in production code',
    importsAreDeclared,
    { 'packages/ffmpeg/src/x.ts': `import { it } from '@jest/globals';\nexport const x = it;` },
    /imports @jest\/globals/,
  ],
  [
    'a dependency that nothing imports',
    declaredDependenciesAreUsed,
    { 'packages/idle/package.json': manifest('@camplane/idle', ['execa']) },
    /packages\/idle\/package\.json declares execa/,
  ],
  [
    'a cycle of packages',
    workspacesHaveNoCycles,
    { 'packages/contracts/src/x.ts': `export * from '@camplane/ffmpeg/probe';` },
    /packages\/contracts, packages\/ffmpeg form an import cycle/,
  ],
  [
    'a cycle of files',
    filesHaveNoCycles,
    { 'services/camera-service/src/b.ts': `import { app } from './app.ts';\nexport const b = () => app;\n` },
    /src\/app\.ts, .*src\/b\.ts form an import cycle/,
  ],
  [
    'process.env in another file of a service',
    environmentIsReadInOnePlace,
    { 'services/camera-service/src/x.ts': `export const x = process.env.PATH;` },
    /x\.ts reads process\.env/,
  ],
  [
    'process.env in two files of a package',
    environmentIsReadInOnePlace,
    {
      'packages/ffmpeg/src/x.ts': `export const x = process.env;`,
      'packages/ffmpeg/src/y.ts': `export const y = process.env['PATH'];`,
    },
    /packages\/ffmpeg reads process\.env in several files/,
  ],
  [
    'an undeclared variable',
    environmentIsDeclared(new Set(['HTTP_PORT'])),
    { 'services/standalone/src/main.ts': `console.log(process.env['HTTP_PROT'], process.env.HTTP_PORT);` },
    /main\.ts reads HTTP_PROT,/,
  ],
  [
    'an undeclared variable of a script',
    environmentIsDeclared(new Set()),
    { 'tools/setup.sh': `echo "\${CAMPLANE_CACHE_DIR:-x}"` },
    /tools\/setup\.sh reads CAMPLANE_CACHE_DIR/,
  ],
  ['a link to a missing file', linksWork, { 'README.md': `See [it](docs/x.md).` }, /docs\/x\.md: is missing/],
  [
    'a link to a missing heading',
    linksWork,
    { 'README.md': `# A\n\n[b](docs/y.md#b-c)`, 'docs/y.md': '# B d' },
    /has no heading #b-c/,
  ],
  ['a link that is absolute', linksWork, { 'docs/y.md': '[a](/README.md)' }, /is absolute/],
  ['a missing image', linksWork, { 'docs/y.md': '![a](a.png)' }, /a\.png: is missing/],
  [
    'a file that is too long',
    filesAreShort,
    { 'packages/ffmpeg/src/x.ts': 'x;\n'.repeat(401) },
    /has 401 lines/,
  ],
  ['a vague folder name', namesSaySomething, { 'packages/ffmpeg/src/utils/x.ts': '' }, /"utils" is vague/],
  ['a vague file name', namesSaySomething, { 'packages/ffmpeg/src/stream-manager.ts': '' }, /stream-manager/],
  [
    'a file in camelCase',
    filesAreKebabCase,
    { 'packages/ffmpeg/src/fooBar.ts': '' },
    /fooBar\.ts is not in kebab/,
  ],
  [
    'a default export',
    exportsAreNamed,
    { 'packages/ffmpeg/src/x.ts': 'export default 1;' },
    /has a default export/,
  ],
  [
    'a default export of a function',
    exportsAreNamed,
    { 'packages/ffmpeg/src/x.ts': 'export default function f() {}' },
    /has a default export/,
  ],
  [
    'a skipped test',
    testsAreNeitherSkippedNorSingledOut,
    { 'packages/ffmpeg/src/x.test.ts': `describe.each([1])('a', () => { it.skip('b', () => {}); });` },
    /calls it\.skip/,
  ],
  [
    'a test singled out',
    testsAreNeitherSkippedNorSingledOut,
    { 'packages/ffmpeg/src/x.test.ts': `test.only.each([1])('a', () => {});` },
    /calls test\.only/,
  ],
  [
    'a metric with the wrong unit',
    metricsAreNamedByTheRule,
    { 'packages/ffmpeg/src/x.ts': `metrics.histogram({ name: 'camplane_first_frame_ms', help: '' });` },
    /metric camplane_first_frame_ms must use a base unit/,
  ],
  [
    'a metric of prom-client without a prefix',
    metricsAreNamedByTheRule,
    { 'packages/ffmpeg/src/x.ts': `new Counter({ name: 'frames_total', help: '' });` },
    /metric frames_total must be named/,
  ],
  [
    'a path of the API in a string',
    apiPathsComeFromTheTable,
    { 'packages/ffmpeg/src/x.ts': `fetch('http://host${apiRoot}/cameras/a');` },
    /spells the path \/api\/v1\/cameras: use operationPath/,
  ],
  [
    'a path of the API in a template',
    apiPathsComeFromTheTable,
    { 'services/dashboard/src/x.tsx': `const url = \`\${base}${apiRoot}/events?x=\${y}\`;` },
    /spells the path \/api\/v1\/events/,
  ],
  [
    'a package without a description',
    workspacesSayWhatBelongsInThem,
    { 'packages/ffmpeg/README.md': '# ffmpeg\n' },
    /packages\/ffmpeg needs a README\.md/,
  ],
  ...[
    `cd ${'/home'}/someone/camplane`,
    `"${'/Users'}/someone/x"`,
    `see ${'/root'}/notes.md`,
    `C:\\${'Users'}\\someone`,
    `registry${'='}https://packages.example/npm/`,
    `export ${'GOPROXY'}=https://proxy.example`,
    `https://${'nexus'}.example.org/x`,
    `  resolution: {${'tarball'}: https://packages.example/a.tgz}`,
  ].map((line): Breach => [
    `the line ${line}`,
    nothingNamesOneMachine,
    { 'tools/x.sh': line },
    /^tools\/x\.sh:1 names/,
  ]),
  [
    'a conflict marker',
    nothingIsHalfMerged,
    { 'docs/x.md': `a\n${'<'.repeat(7)} HEAD\nb` },
    /^docs\/x\.md:2 has a conflict marker/,
  ],
];

describe('the rules', () => {
  it.each(breaches)('find %s', (_what, rule, files, complaint) => {
    const complaints = rule(repositoryOf({ ...sound, ...files }));
    expect(complaints).toEqual(expect.arrayContaining([expect.stringMatching(complaint)]));
  });

  const pathRules = breaches.filter(([, rule]) => rule !== workspacesSayWhatBelongsInThem);
  it.each(pathRules)('find nothing without %s', (_what, rule) => {
    expect(rule(repositoryOf(sound))).toEqual([]);
  });

  it('accept paths of the Kubernetes API', () => {
    const text = `const path = \`/api/v1/namespaces/\${name}/pods\`; // not ${apiRoot}/cameras`;
    expect(apiPathsComeFromTheTable(repositoryOf({ 'packages/x/src/x.ts': text }))).toEqual([]);
  });

  it('accept text that only resembles a folder of a machine', () => {
    const text =
      'GET /api/home/x and ./work/x and ~/.cache and node_modules/root/x and https://a.example/work/b';
    expect(nothingNamesOneMachine(repositoryOf({ 'docs/x.md': text }))).toEqual([]);
  });
});

describe('links of a document', () => {
  it('finds inline links, images, definitions and HTML, and ignores code', () => {
    const markdown = [
      '[a](a.md) ![b](<b.png> "title") [![c](c.png)](d.md)',
      '[e]: e.md',
      '<img src="f.png"> `[g](g.md)`',
      '```sh',
      '[h](h.md)',
      '```',
      'after [i](i.md)',
    ].join('\n');
    expect(linksOf(markdown).sort()).toEqual(['a.md', 'b.png', 'c.png', 'd.md', 'e.md', 'f.png', 'i.md']);
  });

  it('derives anchors from headings like GitHub', () => {
    const markdown =
      '# What `make up` does\n## A, B & C\n## A, B & C\n## [Link](x.md) here\n<a id="own"></a>';
    expect([...anchorsOf(markdown)]).toEqual(['what-make-up-does', 'a-b--c', 'a-b--c-1', 'link-here', 'own']);
  });
});

describe('findCycles', () => {
  it('finds each cycle once and ignores diamonds', () => {
    const graph = new Map([
      ['a', new Set(['b', 'c'])],
      ['b', new Set(['d'])],
      ['c', new Set(['d'])],
      ['d', new Set(['e'])],
      ['e', new Set(['f'])],
      ['f', new Set(['d'])],
      ['g', new Set(['g'])],
    ]);
    expect(findCycles(graph)).toEqual([['d', 'e', 'f'], ['g']]);
  });
});
