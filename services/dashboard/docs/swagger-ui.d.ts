declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** Options: https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/ */
  const SwaggerUI: (options: Record<string, unknown>) => void;
  // eslint-disable-next-line no-restricted-syntax -- the package has a default export only
  export default SwaggerUI;
}
