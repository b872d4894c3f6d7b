import {
  cameraListSchema,
  cameraSchema,
  cameraStatusListSchema,
  combinedCameraSchema,
  createCameraSchema,
  probeRequestSchema,
  probeResultSchema,
  replaceCameraSchema,
} from '@camplane/contracts/camera-http';
import { patchCameraSchema } from '@camplane/contracts/camera-patch';
import { credentialsSchema, sourceUrlSchema } from '@camplane/contracts/camera';
import { cameraStatusSchema } from '@camplane/contracts/camera-status';
import {
  detectionListSchema,
  storedDetectionSchema,
  streamDetectionListSchema,
  streamDetectionSchema,
} from '@camplane/contracts/detection';
import { clientEventSchema, serverEventSchema } from '@camplane/contracts/events';
import {
  jpegClientMessageSchema,
  jpegInfoSchema,
  jpegServerMessageSchema,
} from '@camplane/contracts/jpeg-stream';
import { liveClientMessageSchema, liveServerMessageSchema } from '@camplane/contracts/live-cameras';
import { infoSchema } from '@camplane/contracts/operations';
import { problemSchema } from '@camplane/contracts/problem';
import {
  createStreamSchema,
  streamHealthSchema,
  streamListSchema,
  streamSchema,
  updateStreamSchema,
} from '@camplane/contracts/stream';
import { z } from 'zod';

/** Names of the schemas under `components`; any other schema of the table is written in place. */
const shared = { SourceUrl: sourceUrlSchema };
const bodies = {
  Credentials: credentialsSchema,
  CreateCamera: createCameraSchema,
  ReplaceCamera: replaceCameraSchema,
  PatchCamera: patchCameraSchema,
  ProbeRequest: probeRequestSchema,
  CreateStream: createStreamSchema,
  UpdateStream: updateStreamSchema,
  ClientEvent: clientEventSchema,
  JpegClientMessage: jpegClientMessageSchema,
  LiveClientMessage: liveClientMessageSchema,
};
const answers = {
  Camera: cameraSchema,
  CameraList: cameraListSchema,
  CameraStatus: cameraStatusSchema,
  CameraStatusList: cameraStatusListSchema,
  CombinedCamera: combinedCameraSchema,
  ProbeResult: probeResultSchema,
  Stream: streamSchema,
  StreamList: streamListSchema,
  StreamHealth: streamHealthSchema,
  Detection: storedDetectionSchema,
  DetectionList: detectionListSchema,
  StreamDetection: streamDetectionSchema,
  StreamDetectionList: streamDetectionListSchema,
  Info: infoSchema,
  ServerEvent: serverEventSchema,
  JpegInfo: jpegInfoSchema,
  JpegServerMessage: jpegServerMessageSchema,
  LiveServerMessage: liveServerMessageSchema,
  Problem: problemSchema,
};

/** `components.schemas` of the document. */
export function namedSchemas(): Record<string, unknown> {
  return {
    ...schemasOf({ ...shared, ...bodies }, 'input'),
    ...schemasOf({ ...shared, ...answers }, 'output'),
  };
}

/** A reference to a named schema, or the schema itself. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const named = [...Object.entries<z.ZodType>(bodies), ...Object.entries<z.ZodType>(answers)];
  const name = named.find(([, candidate]) => candidate === schema)?.[0];
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  const { $schema: _schema, ...inline } = z.toJSONSchema(schema, { io, override: openAnswers(io) });
  return inline;
}

/** Answers may gain fields, so clients must not refuse unknown ones. */
function openAnswers(io: 'input' | 'output') {
  return ({ jsonSchema }: { jsonSchema: { additionalProperties?: unknown } }): void => {
    if (io === 'output') delete jsonSchema.additionalProperties;
  };
}

function schemasOf(named: Record<string, z.ZodType>, io: 'input' | 'output'): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
    override: openAnswers(io),
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $id: _id, $schema: _schema, ...schema }]) => [id, schema]),
  );
}
