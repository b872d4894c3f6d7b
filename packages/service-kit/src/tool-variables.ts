/**
 * Variables of the targets in the Makefile. A service started by `make up` inherits them, and so must not take them
 * for misspelt settings of its own.
 */
export const toolVariables: Readonly<Record<string, { default: string; description: string }>> = {
  CAMPLANE_CACHE_DIR: {
    default: '~/.cache/camplane',
    description: 'Where set-up keeps the programs that it builds, under a hash of their inputs.',
  },
};
