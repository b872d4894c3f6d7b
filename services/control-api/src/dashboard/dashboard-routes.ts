import { operations } from '@camplane/contracts/operations';
import express, { Router } from 'express';
import type { NextFunction, RequestHandler, Response } from 'express';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Serves the built dashboard: hashed assets with immutable caching, the page of the API at `/docs`, and `index.html` for
 * every other route of the page. Without a build, a page explains how to build it.
 */
export function dashboardRoutes(dashboardDir: string | undefined): Router {
  const router = Router();
  const folder = dashboardDir === undefined ? undefined : resolve(dashboardDir);
  if (folder !== undefined) {
    // Vite puts a content hash into asset names.
    router.use(
      '/assets',
      express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false }),
    );
    router.use(express.static(folder, { maxAge: 0, index: false, redirect: false, dotfiles: 'ignore' }));
  }
  const sendDocs = pageAt(folder, 'docs/index.html');
  router.get('/docs', (_request, response, next) => sendDocs(response, next));
  router.get('/{*route}', pageFallback(folder));
  return router;
}

/** Page routes have no file extension and are requested as HTML. Anything else is not found. */
function pageFallback(folder: string | undefined): RequestHandler {
  const sendPage = pageAt(folder, 'index.html');
  return (request, response, next) => {
    const isPage = !/^\/(api|assets)(\/|$)/.test(request.path) && !/\.[a-z0-9]+$/i.test(request.path);
    if (isPage && request.accepts(['html', 'json']) === 'html') sendPage(response, next);
    else next();
  };
}

function pageAt(folder: string | undefined, name: string): (response: Response, next: NextFunction) => void {
  return (response, next) => {
    response.set('Cache-Control', 'no-cache');
    // Checked for each request: the dashboard may be built while this runs.
    if (folder === undefined || !existsSync(join(folder, name))) {
      response.status(200).type('html').send(notBuiltPage);
      return;
    }
    response.sendFile(name, { root: folder, cacheControl: false }, (error?: Error) => {
      if (error) next(error);
    });
  };
}

const notBuiltPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Camplane</title></head>
<body>
<h1>Camplane is running</h1>
<p>The dashboard is not built. <code>make up</code> builds it; by hand:</p>
<pre>pnpm --filter @camplane/dashboard build
export DASHBOARD_DIR=services/dashboard/dist</pre>
<p>The API works without it: <a href="${operations.listCameras.path}">cameras</a>,
<a href="${operations.readOpenApi.path}">description</a>.</p>
</body>
</html>
`;
