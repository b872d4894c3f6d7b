import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Response headers for the dashboard and the API. The page runs its own scripts alone, plays media made in the
 * page (`blob:`, hls.js) and connects to itself and to MediaMTX.
 */
export function securityHeaders(mediaOrigins: readonly string[]): RequestHandler {
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        manifestSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:', ...mediaOrigins],
        connectSrc: ["'self'", ...mediaOrigins],
        workerSrc: ["'self'", 'blob:'],
        fontSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Plain HTTP on loopback is the default. A proxy that terminates TLS sets this header.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
  return (request, response, next) => {
    response.set('Permissions-Policy', unusedFeatures.map((feature) => `${feature}=()`).join(', '));
    headers(request, response, next);
  };
}

/** Features of browsers that the dashboard does not use. */
const unusedFeatures = ['camera', 'microphone', 'geolocation', 'payment', 'usb', 'serial', 'display-capture'];
