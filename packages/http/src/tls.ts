import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { HubError } from '@hfx/core'
import type { ResolvedHttpOptions } from './options.ts'

/** Whom we trust and who we are, in PEM. Absent members leave Node's defaults. */
export interface Trust {
  readonly ca?: string[]
  readonly cert?: string
  readonly key?: string
}

/** Variables that name a file of further trusted certificates, as OpenSSL, Node and Python's requests read them. */
export const caVariables = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'] as const

/** Reads the certificates of options and environment. Node's own roots stay trusted. */
export async function readTrust(options: ResolvedHttpOptions): Promise<Trust> {
  const named = caVariables.flatMap((name) => options.environment[name] || [])
  const extra = await Promise.all([...options.ca, ...named].map(readPem))
  return {
    ...(extra.length > 0 ? { ca: [...rootCertificates, ...extra] } : {}),
    ...(options.cert === undefined ? {} : { cert: await readPem(options.cert) }),
    ...(options.key === undefined ? {} : { key: await readPem(options.key) }),
  }
}

async function readPem(text: string): Promise<string> {
  if (text.includes('-----BEGIN')) return text
  try {
    return await readFile(text, 'utf8')
  } catch (error) {
    throw new HubError({
      code: 'HUB_INVALID_CONFIG',
      message: `the certificate file ${text} cannot be read`,
      hint: `Check the option, or the variable that names it (${caVariables.join(', ')}).`,
      cause: error,
    })
  }
}
