import { describe, expect, it } from '@jest/globals';
import { warnIfPlainText } from './plain-text.ts';

describe('control-api', () => {
  it.each([
    ['0.0.0.0', undefined, 1],
    ['192.0.2.1', undefined, 1],
    ['0.0.0.0', '/tls.crt', 0],
    ['127.0.0.1', undefined, 0],
  ])('at %s with the certificate %s logs %i warnings', (host, file, count) => {
    const warnings: string[] = [];
    warnIfPlainText(
      { HTTP_HOST: host, TLS_CERT_FILE: file },
      { warn: (_, message) => void warnings.push(message) },
    );
    expect(warnings).toEqual(Array(count).fill(expect.stringMatching(/without TLS: .*set TLS_CERT_FILE/)));
  });
});
