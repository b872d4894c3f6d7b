import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { structuralSchema } from './structural-schema.ts';

describe('structuralSchema', () => {
  it('keeps types, bounds, defaults and required fields, and omits unsupported keywords', () => {
    const schema = z.strictObject({
      name: z.string().min(1).max(8).regex(/^a/),
      list: z
        .array(z.enum(['a', 'b']))
        .max(2)
        .default(['a']),
      inner: z.strictObject({ count: z.int().min(0).default(1) }).prefault({}),
      none: z.string().max(4).nullable().default(null),
      since: z.iso.datetime().optional(),
    });
    expect(structuralSchema(schema)).toEqual({
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 8 },
        list: {
          ...{ type: 'array', maxItems: 2, default: ['a'], 'x-kubernetes-list-type': 'atomic' },
          items: { type: 'string', enum: ['a', 'b'] },
        },
        inner: {
          ...{ type: 'object', default: {} },
          properties: { count: { type: 'integer', minimum: 0, default: 1 } },
        },
        none: { type: 'string', nullable: true, maxLength: 4 },
        since: { type: 'string', format: 'date-time' },
      },
    });
  });

  it('adds descriptions, rules and list keys by field path', () => {
    const schema = z.object({ points: z.array(z.object({ type: z.string().max(8) })).max(2) });
    const rules = [{ rule: `self != ''`, message: 'must not be empty' }];
    const { properties } = structuralSchema(schema, {
      descriptions: { points: 'Corners.' },
      extensions: { points: { listMapKeys: ['type'] }, 'points[].type': { rules } },
    });
    expect(properties?.['points']).toMatchObject({
      description: 'Corners.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: { properties: { type: { 'x-kubernetes-validations': rules } } },
    });
  });

  it('omits bounds that a rule replaces', () => {
    const schema = z.object({ a: z.number().min(0).max(1) });
    const rules = [{ rule: 'self >= 0.0', message: 'must be above 0' }];
    const { properties } = structuralSchema(schema, {
      extensions: { a: { rules, without: ['minimum', 'maximum'] } },
    });
    expect(properties?.['a']).toEqual({ type: 'number', 'x-kubernetes-validations': rules });
  });

  it('keeps a map with a maximum number of entries, and rules for its values', () => {
    const schema = z.object({
      labels: z.record(z.string().max(8).regex(/^a/), z.string().max(4)).meta({ maxProperties: 2 }),
    });
    const rules = [{ rule: `self != ''`, message: 'must not be empty' }];
    const { properties } = structuralSchema(schema, {
      descriptions: { labels: 'By name.' },
      extensions: { labels: { mapType: 'atomic' }, 'labels{}': { rules } },
    });
    expect(properties?.['labels']).toEqual({
      ...{ description: 'By name.', type: 'object', maxProperties: 2, 'x-kubernetes-map-type': 'atomic' },
      additionalProperties: { type: 'string', maxLength: 4, 'x-kubernetes-validations': rules },
    });
  });

  it.each<[what: string, schema: z.ZodType, complaint: RegExp]>([
    ['a string without a bound', z.object({ a: z.string() }), /^a: a string needs a maximum length$/],
    [
      'a list without a bound',
      z.object({ a: z.array(z.int()) }),
      /^a: a list needs a maximum number of items$/,
    ],
    ['a union', z.object({ a: z.union([z.int(), z.boolean()]) }), /^a: a structural schema has no anyOf$/],
    ['a record', z.record(z.string().max(8), z.int()), /: a record needs a maximum number of entries$/],
  ])('refuses %s', (_what, schema, complaint) => {
    expect(() => structuralSchema(schema)).toThrow(complaint);
  });

  it('refuses a description and a rule of an unknown field', () => {
    const schema = z.object({ a: z.int() });
    expect(() => structuralSchema(schema, { descriptions: { b: 'B.' } })).toThrow('no field b');
    expect(() => structuralSchema(schema, { extensions: { 'a[]': {} } })).toThrow('no field a[]');
  });
});
