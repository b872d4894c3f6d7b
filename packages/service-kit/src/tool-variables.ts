/** Variables of the Makefile's targets. Services started by `make up` inherit them and must accept them. */
export const toolVariables: Readonly<Record<string, { default: string; description: string }>> = {
  CAMPLANE_CACHE_DIR: {
    default: '~/.cache/camplane',
    description: 'Cache of the programs that set-up builds, keyed by a hash of their inputs.',
  },
};
