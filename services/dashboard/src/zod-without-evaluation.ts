import { config } from 'zod';

// Zod tries whether it may evaluate code as soon as the first schema is built. The content policy of control-api forbids
// that, and browsers report each attempt. Imported before every module with schemas; see issue 4461 of zod.
config({ jitless: true });
