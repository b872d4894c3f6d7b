import { messageOf } from '@camplane/runtime/message-of';
import { tlsFailureOf } from '@camplane/service-kit/tls-failure';
import type { TlsFailure } from '@camplane/service-kit/tls-failure';

const remedies: Readonly<Record<TlsFailure, string>> = {
  'unknown-authority': 'KAFKA_TLS_CA_FILE must have the certificate authority of the brokers',
  'other-host': "use a name of the broker's certificate in KAFKA_BROKERS and in advertised.listeners",
  expired: "renew the broker's certificate, or check the clocks",
  'client-certificate':
    'the broker wants a client certificate that it trusts: set KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE',
  'no-tls': 'the port has no TLS: use the TLS port, or set KAFKA_TLS=off',
};

const saslRemedy = 'check KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD or KAFKA_PASSWORD_FILE';

/** What went wrong at a connection to Kafka, with the setting to check if it is known. Contains no secret. */
export function describeConnectionFailure(error: unknown): string {
  const remedy = remedyFor(error);
  return remedy === undefined ? messageOf(error) : `${messageOf(error)}; ${remedy}`;
}

function remedyFor(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'KafkaJSSASLAuthenticationError') return saslRemedy;
  }
  const failure = tlsFailureOf(error);
  return failure && remedies[failure];
}
