import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A second loopback address, so that the data origin is another host than the Hub. */
const host = '127.0.0.2'

/** The data origin: files by their sha256, over plain HTTP and over TLS. */
export interface Cdn {
  readonly url: string
  readonly tlsUrl: string | undefined
  /** What it has answered since the last call. */
  takeCounts(): Promise<{ readonly requests: number; readonly sentBytes: number }>
  stop(): Promise<void>
}

export interface CdnFiles {
  readonly nginx: string
  readonly folder: string
  readonly blobs: string
  readonly certificate: Certificate | undefined
}

export interface Certificate {
  readonly certPath: string
  readonly keyPath: string
}

export async function startNginx(files: CdnFiles): Promise<Cdn> {
  await mkdir(files.folder, { recursive: true })
  const ports = { plain: await findFreePort(), tls: await findFreePort() }
  const log = join(files.folder, 'access.log')
  await writeFile(log, '')
  const configuration = join(files.folder, 'nginx.conf')
  await writeFile(configuration, renderConfiguration(files, { ...ports, log }))
  const child = spawn(files.nginx, ['-p', files.folder, '-c', configuration], { stdio: 'inherit' })
  await waitForPort(ports.plain)
  let read = 0
  return {
    url: `http://${host}:${ports.plain}`,
    tlsUrl: files.certificate ? `https://${host}:${ports.tls}` : undefined,
    async takeCounts() {
      await sleep(50) // the log line follows the last byte
      const lines = (await readFile(log, 'utf8')).split('\n').filter(Boolean)
      const fresh = lines.slice(read)
      read = lines.length
      return {
        requests: fresh.length,
        sentBytes: fresh.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0),
      }
    },
    async stop() {
      if (child.exitCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

function renderConfiguration(
  files: CdnFiles,
  at: { readonly plain: number; readonly tls: number; readonly log: string },
): string {
  const { certificate } = files
  const tls = certificate
    ? `server { listen ${host}:${at.tls} ssl; root ${files.blobs};
         ssl_certificate ${certificate.certPath}; ssl_certificate_key ${certificate.keyPath}; }`
    : ''
  return `daemon off; worker_processes 2; pid ${join(files.folder, 'nginx.pid')};
    error_log ${join(files.folder, 'error.log')} warn;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    events { worker_connections 1024; }
    http {
      log_format short '$status $body_bytes_sent';
      access_log ${at.log} short;
      sendfile on; tcp_nopush on; keepalive_requests 100000; default_type application/octet-stream;
      client_body_temp_path ${files.folder}/body; proxy_temp_path ${files.folder}/proxy;
      fastcgi_temp_path ${files.folder}/fastcgi; uwsgi_temp_path ${files.folder}/uwsgi;
      scgi_temp_path ${files.folder}/scgi;
      server { listen ${host}:${at.plain}; root ${files.blobs}; }
      ${tls}
    }`
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

async function waitForPort(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, host)
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (open) return
    await sleep(50)
  }
  throw new Error(`nginx does not listen on ${host}:${port}`)
}

/** A certificate for the two loopback addresses, its own authority. */
export async function makeCertificate(openssl: string, folder: string): Promise<Certificate> {
  await mkdir(folder, { recursive: true })
  const certificate = { certPath: join(folder, 'cert.pem'), keyPath: join(folder, 'key.pem') }
  const names = 'subjectAltName=IP:127.0.0.1,IP:127.0.0.2,DNS:localhost'
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30'.split(' ')
  const subject = ['-subj', '/CN=hfx bench', '-addext', names]
  const files = ['-keyout', certificate.keyPath, '-out', certificate.certPath]
  await promisify(execFile)(openssl, ['req', '-x509', ...key, ...subject, ...files])
  return certificate
}
