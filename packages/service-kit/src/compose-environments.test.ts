import { describe, expect, it } from '@jest/globals';
import { composeEnvironments } from './compose-environments.ts';
import { defineEnvironment, readEnvironment } from './environment.ts';
import { portValue, textValue } from './environment-values.ts';

const dataDir = { schema: textValue(), default: './data', description: 'Data folder.' };
const front = defineEnvironment('front', {
  DATA_DIR: dataDir,
  CAMPLANE_BACK_URL: { schema: textValue(), default: 'http://back', description: 'Address of back.' },
});
const back = defineEnvironment('back', {
  DATA_DIR: dataDir,
  BACK_PORT: { schema: portValue, default: '9000', description: 'Port of back.' },
});
const both = composeEnvironments('both', {
  services: [front, back],
  fixed: ['CAMPLANE_BACK_URL'],
  own: { DEMO: { schema: textValue(), default: 'on', description: 'Whether to add a demonstration.' } },
});

describe('composeEnvironments', () => {
  it('reads the variables of every service and its own', () => {
    const values = readEnvironment(both, { BACK_PORT: '1' });
    const typed: { DATA_DIR: string; BACK_PORT: number; DEMO: string } = values;
    expect(typed).toMatchObject({ DATA_DIR: './data', BACK_PORT: 1, DEMO: 'on', LOG_LEVEL: 'info' });
  });

  it('rejects a fixed variable as unknown', () => {
    expect(() => readEnvironment(both, { CAMPLANE_BACK_URL: 'http://x' })).toThrow(
      'CAMPLANE_BACK_URL is not a known variable',
    );
  });

  it('rejects services that give one variable different meanings', () => {
    const other = defineEnvironment('other', { DATA_DIR: { ...dataDir, default: '/data' } });
    expect(() => composeEnvironments('all', { services: [front, other], fixed: [], own: {} })).toThrow(
      'other declares DATA_DIR with another meaning',
    );
  });
});
