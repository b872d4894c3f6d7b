import { z } from 'zod';
import { cameraNetworksForm, parseCameraNetworks } from './camera-networks.ts';

/** `CAMPLANE_CAMERA_NETWORKS`: where cameras may be. */
export const cameraNetworksVariable = {
  schema: z
    .string()
    .max(4096, 'must be at most 4096 characters')
    .transform((text, context) => {
      const parsed = parseCameraNetworks(text);
      if (parsed.ok) return parsed.networks;
      context.addIssue({ code: 'custom', message: parsed.reason });
      return z.NEVER;
    })
    .meta({ description: cameraNetworksForm }),
  default: 'any',
  description:
    'Where cameras may be. `private`: RFC 1918 and unique local addresses. Cloud metadata services, multicast and unspecified addresses are refused unless an entry is exactly that address, and ports of Camplane itself unless an entry is `ADDRESS:PORT`.',
};
