import { describe, expect, it } from '@jest/globals';
import {
  auditFilterQuery,
  auditParameters,
  isAuditFiltered,
  noAuditFilter,
  parseAuditFilter,
} from './audit-filter.ts';

const parse = (query: string) => parseAuditFilter(new URLSearchParams(query));

describe('the filter of the audit log', () => {
  it('round-trips through the address', () => {
    const filter = {
      username: 'anna@home',
      cameraId: 'front-door',
      action: 'media.read',
      outcome: 'refused' as const,
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T00:00:00.000Z',
    };
    expect(parse(auditFilterQuery(filter))).toEqual(filter);
    expect(auditFilterQuery(noAuditFilter)).toBe('');
  });

  it('ignores invalid values', () => {
    expect(parse('username=Anna%20B&cameraId=../x&action=%3Cb%3E&outcome=maybe&from=never')).toEqual(
      noAuditFilter,
    );
  });

  it('passes only what is set to the API', () => {
    expect(auditParameters({ ...noAuditFilter, outcome: 'failed' })).toEqual({ outcome: 'failed' });
    expect(isAuditFiltered(noAuditFilter)).toBe(false);
    expect(isAuditFiltered({ ...noAuditFilter, outcome: 'failed' })).toBe(true);
  });
});
