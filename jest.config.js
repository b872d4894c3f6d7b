/**
 * Unit tests are beside their sources; integration tests, with real programs, end in `.int.test.ts`. Two files run at a
 * time, except in the end-to-end projects `e2e` and `cluster`, where timing is asserted.
 */
const shared = {
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', tsx: false },
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'es6' },
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.tools/', '<rootDir>/data/', '/dist/'],
  testEnvironment: 'node',
};

/** Tests that need a Kubernetes API server, a node or helm, which `make test` builds while the other tests run. */
const kubernetesTests = [
  'packages/(kubernetes|cli)/.*',
  'packages/testkit/src/(kubernetes|cluster)',
  'services/camera-operator/.*',
  'services/control-api/src/(cameras/)?cluster-[^/]*',
  'tools/(crd|manifests|release)/.*',
].map((path) => `/${path}\\.int\\.test\\.ts$`);

export default {
  maxWorkers: 2,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{packages,services,tools}/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.int\\.test\\.ts$'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/{packages,services,tools}/**/*.int.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...kubernetesTests],
    },
    {
      ...shared,
      displayName: 'kubernetes',
      testRegex: kubernetesTests,
      testPathIgnorePatterns: ['/node_modules/'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/e2e/src/*.int.test.ts'],
    },
    {
      ...shared,
      displayName: 'cluster',
      testMatch: ['<rootDir>/e2e/src/cluster/**/*.int.test.ts'],
    },
  ],
};
