/** Variables of the Makefile's targets and the command line. Services inherit them and must accept them. */
export const toolVariables: Readonly<Record<string, { default: string; description: string }>> = {
  CAMPLANE_CACHE_DIR: {
    default: '~/.cache/camplane',
    description: 'Cache of the programs that set-up builds, keyed by a hash of their inputs.',
  },
  CAMPLANE_TOKEN: {
    default: 'not set',
    description: 'API token of `camplane doctor --api`.',
  },
  CAMPLANE_TOKEN_FILE: {
    default: 'not set',
    description: 'File with the API token of `camplane doctor --api`, unless `CAMPLANE_TOKEN` is set.',
  },
};
