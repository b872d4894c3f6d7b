import { createApiClient } from '@camplane/api-client/api-client';

/** The API on the origin of the page. */
export const api = createApiClient({ baseUrl: '' });
