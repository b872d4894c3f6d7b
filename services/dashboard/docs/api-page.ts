import '../src/zod-without-evaluation.ts';
import { operationPath } from '@camplane/contracts/operations';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './api-page.css';

// The page at /docs. Its requests carry the session cookie of the dashboard, or the token that was entered under "Authorize".
SwaggerUI({
  url: operationPath('readOpenApi'),
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  displayRequestDuration: true,
  // Shows `x-permission`.
  showExtensions: true,
  filter: true,
  // By default Swagger UI sends the document to a validator on another host.
  validatorUrl: null,
});
