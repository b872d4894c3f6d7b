import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // `pnpm --filter @camplane/dashboard dev` beside a running Camplane.
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  // Every icon and style is a file: control-api's content policy allows no `data:` fonts or inline scripts.
  // hls.js is the one large part of the dashboard, and is loaded only where it is needed.
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    sourcemap: false,
    // Swagger UI, on the page of the API, is one chunk.
    chunkSizeWarningLimit: 1800,
    rolldownOptions: { input: ['index.html', 'docs/index.html'] },
  },
});
