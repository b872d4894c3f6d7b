import type { createCameraSchema, probeRequestSchema } from '@camplane/contracts/camera-http';
import type { cameraInputSchema } from '@camplane/contracts/camera';
import type { z } from 'zod';

/** What the API is sent: the schemas before their defaults are filled in. */
export type CameraBody = z.input<typeof cameraInputSchema>;
export type CreateCameraBody = z.input<typeof createCameraSchema>;
export type ProbeBody = z.input<typeof probeRequestSchema>;
