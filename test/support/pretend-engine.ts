/** A Docker engine that runs nothing: it takes the calls of an agent, keeps what it was told to create, and lets containers end as their command says. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { type Engine, connectEngine } from '../../server/agent/docker/engine.ts';

const SECOND_MS = 50;
const SIGNALS: Readonly<Record<string, number>> = { SIGKILL: 137, SIGTERM: 143 };

interface Container {
  readonly spec: Docker.ContainerCreateOptions;
  startedAt: string;
  running: boolean;
  exit: number;
}

export class PretendEngine {
  readonly created: Docker.ContainerCreateOptions[] = [];
  readonly pulled: string[] = [];
  readonly execs: (readonly string[])[] = [];
  /** Of the machine; others are pulled, if the registry has them. */
  readonly images: Set<string>;
  private readonly registry: ReadonlySet<string>;
  private readonly containers = new Map<string, Container>();
  private readonly listeners = new Set<ServerResponse>();
  private readonly directory = mkdtempSync(join(tmpdir(), 'dawn-engine-'));
  private readonly server: Server;

  constructor(images: readonly string[], registry: readonly string[]) {
    this.images = new Set(images);
    this.registry = new Set([...images, ...registry]);
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.on('upgrade', (_request, socket: Duplex) => {
      socket.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    });
  }

  async open(): Promise<Engine> {
    const socketPath = join(this.directory, 'engine.sock');
    this.server.listen(socketPath);
    await once(this.server, 'listening');
    return connectEngine({ socketPath });
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const url = new URL(request.url ?? '', 'http://engine');
    const [, kind = '', name = '', verb = ''] = url.pathname.replace(/^\/v1\.\d+/, '').split('/');
    const send = (status: number, value?: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(value === undefined ? undefined : JSON.stringify(value));
    };
    if (kind === 'version') return send(200, { ApiVersion: '1.41', MinAPIVersion: '1.12', Version: '20.10' });
    if (kind === 'info') return send(200, { Name: 'pretended', NCPU: 8, MemTotal: 24 * 1024 ** 3 });
    if (kind === 'events') {
      this.listeners.add(response.writeHead(200));
      return response.flushHeaders();
    }
    if (kind === 'images') return this.pull(url.searchParams, send);
    if (kind === 'exec') return send(200, { Running: false, ExitCode: 0 });
    if (kind === 'containers' && name === 'json') return send(200, []);
    if (kind === 'containers' && name === 'create')
      return this.create(url.searchParams.get('name') ?? '', body, send);
    const container = this.containers.get(decodeURIComponent(name));
    if (!container) return send(404, { message: `No such container: ${name}` });
    if (verb === 'exec') {
      this.execs.push((JSON.parse(body) as { Cmd: string[] }).Cmd);
      return send(201, { Id: randomUUID() });
    }
    if (verb === 'start') this.start(container);
    if (verb === 'kill') this.end(container, SIGNALS[url.searchParams.get('signal') ?? ''] ?? 137);
    if (verb === 'json')
      return send(200, {
        State: {
          Running: container.running,
          StartedAt: container.startedAt,
          ExitCode: container.exit,
          OOMKilled: false,
          Error: '',
          Pid: 1,
        },
        NetworkSettings: { Networks: {} },
        ExecIDs: null,
      });
    send(verb === 'logs' ? 200 : 204);
  }

  private pull(query: URLSearchParams, send: (status: number, value?: unknown) => void): void {
    const image = `${query.get('fromImage')}:${query.get('tag')}`;
    this.pulled.push(image);
    const refusal = `pull access denied for ${query.get('fromImage')}, repository does not exist`;
    if (!this.registry.has(image)) return send(404, { message: refusal });
    this.images.add(image);
    send(200, { status: 'Download complete' });
  }

  private create(name: string, body: string, send: (status: number, value?: unknown) => void): void {
    const spec = JSON.parse(body) as Docker.ContainerCreateOptions;
    const image = spec.Image ?? '';
    const known = /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
    if (!this.images.has(known)) return send(404, { message: `No such image: ${image}` });
    if (this.containers.has(name)) return send(409, { message: 'in use' });
    this.created.push({ name, ...spec });
    this.containers.set(name, { spec, startedAt: '0001-01-01T00:00:00Z', running: false, exit: 0 });
    send(201, { Id: randomUUID() });
  }

  private start(container: Container): void {
    container.running = true;
    container.startedAt = '2026-01-01T00:00:00Z';
    const line = container.spec.Cmd?.at(-1) ?? '';
    const [, seconds = '1'] = /^sleep (\d+)$/.exec(line) ?? [];
    const [, exit = line === 'kill -9 $$' ? '137' : '0'] = /^exit (\d+)$/.exec(line) ?? [];
    setTimeout(() => this.end(container, Number(exit)), Number(seconds) * SECOND_MS);
  }

  private end(container: Container, exit: number): void {
    if (!container.running) return;
    Object.assign(container, { running: false, exit });
    const Attributes = container.spec.Labels;
    for (const each of this.listeners)
      each.write(`${JSON.stringify({ Action: 'die', Actor: { Attributes } })}\n`);
  }
}
