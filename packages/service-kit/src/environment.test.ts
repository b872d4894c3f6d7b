import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineEnvironment, EnvironmentError, readEnvironment } from './environment.ts';
import {
  durationMsValue,
  integerValue,
  logLevelValue,
  numberValue,
  portValue,
  switchValue,
  textValue,
  urlValue,
  wordValue,
} from './environment-values.ts';
import { nearestName } from './nearest-name.ts';

const environment = defineEnvironment('test-service', {
  HTTP_PORT: { schema: portValue, default: '8080', description: 'Its port.' },
  CAMPLANE_MAX_FPS: { schema: integerValue(1, 30), default: '20', description: 'The limit.', example: '10' },
  DATABASE_URL: { schema: urlValue(['postgres']).optional(), description: 'The database.', secret: true },
  API_URL: { schema: urlValue(), description: 'Another service.', example: 'http://127.0.0.1:9997' },
});
const needed = { API_URL: 'http://api' };

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readEnvironment(environment, env);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
}

describe('environment', () => {
  it('returns typed values with defaults', () => {
    const values = readEnvironment(environment, { ...needed, HTTP_PORT: '0' });
    const port: number = values.HTTP_PORT;
    const database: string | undefined = values.DATABASE_URL;
    expect({ port, database }).toEqual({ port: 0, database: undefined });
    expect(values).toMatchObject({ CAMPLANE_MAX_FPS: 20, LOG_LEVEL: 'info', LOG_FORMAT: 'auto' });
  });

  it('treats an empty string as not set', () => {
    expect(readEnvironment(environment, { ...needed, HTTP_PORT: '' }).HTTP_PORT).toBe(8080);
    expect(problemsOf({ API_URL: '' })).toEqual([
      'API_URL is not set, and must be: Another service. (for example http://127.0.0.1:9997)',
    ]);
  });

  it('reports every invalid value at once', () => {
    const problems = problemsOf({ HTTP_PORT: '70000', CAMPLANE_MAX_FPS: '99', LOG_LEVEL: 'loud', ...needed });
    expect(problems).toEqual([
      expect.stringContaining('LOG_LEVEL must be one of trace'),
      'HTTP_PORT must be a port, 0 to 65535, but is "70000"',
      'CAMPLANE_MAX_FPS must be a whole number from 1 to 30, but is "99" (for example 10)',
    ]);
  });

  it('rejects an unknown CAMPLANE_ key and suggests the nearest name', () => {
    expect(problemsOf({ ...needed, CAMPLANE_MAXFPS: '5' })).toEqual([
      'CAMPLANE_MAXFPS is not a known variable: did you mean CAMPLANE_MAX_FPS?',
    ]);
    expect(problemsOf({ ...needed, CAMPLANE_HTTP_PROT: '5' })).toEqual([
      'CAMPLANE_HTTP_PROT is not a known variable: did you mean HTTP_PORT?',
    ]);
    expect(problemsOf({ ...needed, CAMPLANE_ZZZZZZ: '5' })).toEqual([
      'CAMPLANE_ZZZZZZ is not a known variable: remove it',
    ]);
  });

  it('ignores other variables, and those that Kubernetes sets for a Service named camplane-…', () => {
    const links = {
      PATH: '/bin',
      CAMPLANE_EDGE_SERVICE_HOST: '10.0.0.1',
      CAMPLANE_EDGE_SERVICE_PORT: '8554',
      CAMPLANE_EDGE_SERVICE_PORT_RTSP: '8554',
      CAMPLANE_EDGE_PORT: 'tcp://10.0.0.1:8554',
      CAMPLANE_EDGE_PORT_8554_TCP: 'tcp://10.0.0.1:8554',
      CAMPLANE_EDGE_PORT_8554_TCP_ADDR: '10.0.0.1',
    };
    expect(problemsOf({ ...needed, ...links })).toEqual([]);
    expect(problemsOf({ ...needed, CAMPLANE_EDGE_PORT: '8554' })).toHaveLength(1);
  });

  it('never prints a secret value, or user information in other values', () => {
    const [secret] = problemsOf({ ...needed, DATABASE_URL: 'mysql://me:hunter2@db/x' });
    expect(secret).toMatch(/^DATABASE_URL must be a URL beginning with postgres:\/\/; its value is secret/);
    const [other] = problemsOf({ API_URL: 'ftp://me:hunter2@api' });
    expect(other).toContain('ftp://***@api');
    expect(`${secret}${other}`).not.toContain('hunter2');
  });

  it('masks a secret that a schema quotes in its message', () => {
    const quoting = defineEnvironment('t', {
      KEY: {
        schema: z.string().refine(() => false, { error: (issue) => `cannot be ${String(issue.input)}` }),
        description: 'A key.',
        secret: true,
      },
    });
    expect(() => readEnvironment(quoting, { KEY: 'hunter2' })).toThrow(/KEY cannot be \*\*\*/);
  });

  it('rejects a variable name that a shell cannot set', () => {
    expect(() => defineEnvironment('t', { 'bad-name': { schema: z.string(), description: '' } })).toThrow(
      'bad-name',
    );
  });
});

describe('environment values', () => {
  it.each([
    ['port', portValue, '65535', 65535],
    ['switch', switchValue, 'ON', true],
    ['switch', switchValue, 'false', false],
    ['integer', integerValue(-5, 5), '-5', -5],
    ['number', numberValue(0, 1), '0.25', 0.25],
    ['word', wordValue(['a', 'b']), 'b', 'b'],
    ['text', textValue(), 'front door', 'front door'],
    ['url', urlValue(['nats', 'kafka']), 'kafka://broker:9092', 'kafka://broker:9092'],
    ['duration', durationMsValue(0, 10_000), '250', 250],
    ['duration', durationMsValue(0, 10_000), '250ms', 250],
    ['duration', durationMsValue(0, 10_000), '5s', 5000],
    ['duration', durationMsValue(0, 10_000_000), '2m', 120_000],
    ['duration', durationMsValue(0, 10_000_000), '1h', 3_600_000],
    ['log level', logLevelValue, 'debug', 'debug'],
  ])('parses a valid %s (%#)', (_name, schema, text, value) => {
    expect(schema.parse(text)).toBe(value);
  });

  it.each([
    ['port', portValue, '65536'],
    ['port', portValue, '-1'],
    ['port', portValue, '80 '],
    ['port', portValue, '0x50'],
    ['port', portValue, '8e1'],
    ['switch', switchValue, 'yes'],
    ['integer', integerValue(1, 5), '1.5'],
    ['integer', integerValue(1, 5), '6'],
    ['number', numberValue(0, 1), '1e-3'],
    ['number', numberValue(0, 1), '1.01'],
    ['word', wordValue(['a', 'b']), 'c'],
    ['text', textValue(5), 'front door'],
    ['text', textValue(), 'a\u0000b'],
    ['url', urlValue(), 'example.org'],
    ['url', urlValue(), 'javascript:alert(1)'],
    ['duration', durationMsValue(0, 10_000), '5 s'],
    ['duration', durationMsValue(0, 10_000), '11s'],
    ['log level', logLevelValue, 'INFO'],
  ])('rejects an invalid %s (%#)', (_name, schema, text) => {
    expect(schema.safeParse(text).success).toBe(false);
  });
});

describe('nearest name', () => {
  it('finds the name that was misspelt, or none', () => {
    expect(nearestName('HTPP_PORT', ['LOG_LEVEL', 'HTTP_PORT', 'HTTP_HOST'])).toBe('HTTP_PORT');
    expect(nearestName('COLOUR', ['LOG_LEVEL', 'HTTP_PORT'])).toBeUndefined();
  });
});
