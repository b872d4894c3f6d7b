import { z } from 'zod';

/** What a credential that is stored nowhere says, as another process needs it: in tickets, and with video sessions. */
export const externalClaimsSchema = z.object({
  issuer: z.string(),
  subject: z.string(),
  name: z.string(),
  displayName: z.string(),
  groups: z.array(z.string()),
  expiresAtMs: z.number(),
});
export type ExternalClaims = z.infer<typeof externalClaimsSchema>;
