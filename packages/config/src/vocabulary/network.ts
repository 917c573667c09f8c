import type { OptionSpec } from '../option-spec.ts'

/** The way to the network. */
export const networkOptions: Readonly<
  Record<'proxy' | 'ca' | 'cert' | 'key' | 'verifySsl' | 'ipFamily' | 'allowedOrigins', OptionSpec>
> = {
  proxy: {
    kind: 'text',
    doc: 'A proxy for every request, whatever HTTPS_PROXY says; "none" for none.',
    default: 'from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY',
    secret: true,
  },
  ca: {
    kind: 'text',
    path: true,
    doc: 'File of further trusted certificates (PEM).',
    default: 'NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, REQUESTS_CA_BUNDLE are read as well',
  },
  cert: { path: true, kind: 'text', doc: 'File of the client certificate (PEM).' },
  key: { path: true, kind: 'text', doc: 'File of the key of the client certificate (PEM).' },
  verifySsl: {
    kind: 'boolean',
    doc: 'Check server certificates. Off is dangerous and warns.',
    default: 'true',
  },
  ipFamily: {
    kind: 'choice',
    choices: ['auto', '4', '6'],
    doc: 'IP version; auto races both.',
    default: 'auto',
    env: ['HFX_IP_FAMILY'],
  },
  allowedOrigins: {
    kind: 'list',
    doc: 'Origins besides the endpoint that may be asked, redirects included.',
    env: ['HFX_ALLOWED_ORIGINS'],
  },
}
