import { defineConfig } from 'drizzle-kit';

/** `pnpm exec drizzle-kit generate` in this folder writes a migration for what changed in the schema. */
export default defineConfig({
  dialect: 'postgresql',
  schema: ['./src/store/schema.ts', './src/store/access-schema.ts'],
  out: './migrations',
});
