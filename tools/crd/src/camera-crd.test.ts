import { describe, expect, it } from '@jest/globals';
import { cameraPhaseSchema } from '@camplane/contracts/camera-status';
import { cameraResourcePhases, cameraResourcePhaseSchema } from '@camplane/contracts/camera-resource';
import { parse } from 'yaml';
import { cameraCrd, cameraCrdYaml } from './camera-crd.ts';

const notes = { spec: {}, status: {} };

describe('the text of the CustomResourceDefinition', () => {
  it('parses to the same value as YAML 1.1, which kubectl reads, and as YAML 1.2', () => {
    const text = cameraCrdYaml(notes);
    expect(parse(text, { version: '1.1' })).toEqual(cameraCrd(notes));
    expect(parse(text, { version: '1.2' })).toEqual(cameraCrd(notes));
  });
});

describe('phases of the resource', () => {
  it('map one to one to the phases of the HTTP API', () => {
    expect(Object.keys(cameraResourcePhases)).toEqual(cameraPhaseSchema.options);
    expect(Object.values(cameraResourcePhases)).toEqual(cameraResourcePhaseSchema.options);
  });
});
