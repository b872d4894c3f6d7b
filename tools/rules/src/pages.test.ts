import { describe, expect, it } from '@jest/globals';
import { composeEnvironments } from '@camplane/service-kit/compose-environments';
import { defineEnvironment } from '@camplane/service-kit/environment';
import { portValue, textValue, urlValue } from '@camplane/service-kit/environment-values';
import { cameraPage } from './camera-page.ts';
import { conditionsPage } from './conditions-page.ts';
import { declaredNames, environmentPage } from './environment-page.ts';
import { errorsPage } from './errors-page.ts';

describe('generated pages', () => {
  it('show type, default and limits of a camera’s fields', () => {
    const page = cameraPage();
    expect(page).toContain('| `lifecycle.idleSeconds` | whole number | `30` | 1–3600 |');
    expect(page).toContain('| `source.url` | string | required | at most 2048 characters |');
    expect(page).toContain('| `source.subUrl` | string or `null` | `null` | at most 2048 characters |');
    expect(page).toContain('| `video.mode` | `copy`, `transcode`, `overlay` | `"copy"` |');
    expect(page.indexOf('`id`')).toBeLessThan(page.indexOf('`displayName`'));
    expect(page.indexOf('`source.url`')).toBeLessThan(page.indexOf('`video.mode`'));
  });

  it('show every error kind and every reason of a failure', () => {
    expect(errorsPage()).toContain('| `camera-exists` | 409 | A camera with this id already exists | no |');
    expect(conditionsPage()).toContain('| `CredentialsRefused` |');
    expect(conditionsPage()).toContain('| `IDLE` |');
  });

  it('show a variable with its value, default, example and secrecy', () => {
    const environment = defineEnvironment('test-service', {
      HTTP_PORT: { schema: portValue, default: '8080', description: 'Its port.' },
      DATABASE_URL: {
        schema: urlValue(['postgres']).optional(),
        description: 'The database.',
        example: 'postgres://db/x',
        secret: true,
      },
      API_URL: { schema: urlValue(), description: 'Another service.' },
    });
    const page = environmentPage([environment]);
    expect(page).toContain('| `HTTP_PORT` | port, 0–65535; 0 takes a free one | `8080` | Its port. |');
    expect(page).toContain(
      '| `DATABASE_URL` | URL: `postgres://…` | not set | The database. Example: `postgres://db/x`. Secret: never logged. |',
    );
    expect(page).toContain('| `API_URL` | URL: `http://…`, `https://…` | required | Another service. |');
    expect(page.match(/`LOG_LEVEL`/g)).toHaveLength(1);
    expect(declaredNames([environment])).toContain('API_URL');
  });

  it('describe a variable of several services once', () => {
    const dataDir = { schema: textValue(), default: './data', description: 'Data folder.' };
    const a = defineEnvironment('a', {
      DATA_DIR: dataDir,
      A_PORT: { schema: portValue, description: 'Port of a.' },
    });
    const b = defineEnvironment('b', { DATA_DIR: dataDir });
    const all = composeEnvironments('all', { services: [a, b], fixed: ['A_PORT'], own: {} });
    const page = environmentPage([a, all, b]);
    expect(page.match(/Data folder\./g)).toHaveLength(1);
    expect(page).toContain('Data folder. Read by a and b.');
    expect(page).toContain('## b\n\n\nAlso reads `DATA_DIR`.');
    expect(page).toContain(
      'Also reads the variables of [a](#a) and [b](#b), except those it sets itself: `A_PORT`.',
    );
  });
});
