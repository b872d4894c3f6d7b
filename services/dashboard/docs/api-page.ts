import { operationPath } from '@camplane/contracts/operations';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './api-page.css';

// The page of the API at /docs. Its requests have the session cookie of the dashboard, or the token of "Authorize".
SwaggerUI({
  url: operationPath('readOpenApi'),
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  displayRequestDuration: true,
  // `x-permission`.
  showExtensions: true,
  filter: true,
  // The default sends the document to a foreign host.
  validatorUrl: null,
});
