import { z } from 'zod';

/** The claims of a credential that is not stored. Tickets and video sessions carry them to other processes. */
export const externalClaimsSchema = z.object({
  issuer: z.string(),
  subject: z.string(),
  name: z.string(),
  displayName: z.string(),
  groups: z.array(z.string()),
  expiresAtMs: z.number(),
});
export type ExternalClaims = z.infer<typeof externalClaimsSchema>;
