import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { connectEngine, parseAddress, sentence, type Engine, type EngineAddress } from './docker/engine.ts';
import { pullImage } from './docker/pull.ts';

export interface Detected {
  readonly containerizer: 'docker' | 'process';
  /** One sentence for the person. */
  readonly why: string;
  readonly engine: Engine | null;
  /** The image for tasks that name none, if it is there; null with processes. */
  readonly image: string | null;
}

const DEFAULT_SOCKET = '/var/run/docker.sock';
/** A demo does not wait longer for an image. */
const PULL_MS = 20_000;

/** What can run tasks here: Docker when an engine answers and has, or gets, the image; processes otherwise. */
export async function detect(image: string, host: string | undefined): Promise<Detected> {
  const { address, from } = engineAddress(host);
  const reached = await reach(address);
  if (typeof reached === 'string') return asProcess(`no Docker engine answers at ${from} (${reached})`);
  const problem = await ensureImage(reached, image);
  if (problem !== null)
    return asProcess(
      `Docker ${reached.version} answers at ${from}, but the image ${image} is not there (${problem})`,
    );
  return {
    containerizer: 'docker',
    why: `Docker ${reached.version} answers at ${from}`,
    engine: reached,
    image,
  };
}

/** As the docker command finds it: the flag, DOCKER_HOST, the current context, the default socket. */
export function engineAddress(host: string | undefined): { address: EngineAddress; from: string } {
  const named = host ?? process.env['DOCKER_HOST'];
  if (named !== undefined && named !== '') return { address: parseAddress(named), from: named };
  const context = contextHost();
  if (context !== undefined) return { address: parseAddress(context), from: context };
  return { address: { socketPath: DEFAULT_SOCKET }, from: DEFAULT_SOCKET };
}

async function reach(address: EngineAddress): Promise<Engine | string> {
  if (address.socketPath !== undefined && !existsSync(address.socketPath)) return 'no such socket';
  try {
    return await connectEngine(address);
  } catch (error) {
    return sentence(error);
  }
}

async function ensureImage(engine: Engine, image: string): Promise<string | null> {
  try {
    await engine.calls.getImage(image).inspect();
    return null;
  } catch {
    try {
      await pullImage(engine, image, AbortSignal.timeout(PULL_MS), () => undefined);
      return null;
    } catch (error) {
      return sentence(error).split('\n')[0] ?? '';
    }
  }
}

function asProcess(why: string): Detected {
  return { containerizer: 'process', why, engine: null, image: null };
}

/** The endpoint of `docker context`'s current context, if it is not the default one. */
function contextHost(): string | undefined {
  const config = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  try {
    const name =
      process.env['DOCKER_CONTEXT'] ??
      (JSON.parse(readFileSync(join(config, 'config.json'), 'utf8')) as { currentContext?: string })
        .currentContext;
    if (name === undefined || name === '' || name === 'default') return undefined;
    const file = join(
      config,
      'contexts',
      'meta',
      createHash('sha256').update(name).digest('hex'),
      'meta.json',
    );
    return (JSON.parse(readFileSync(file, 'utf8')) as { Endpoints?: { docker?: { Host?: string } } })
      .Endpoints?.docker?.Host;
  } catch {
    return undefined;
  }
}
