import { execFileSync } from 'node:child_process';
import { test } from 'vitest';
import type { DockerOptions } from '../../server/agent/docker/create.ts';
import type { Engine } from '../../server/agent/docker/engine.ts';
import { NOTHING_MORE, type Policy } from '../../server/agent/docker/policy.ts';

/** Why Docker tests cannot run here, or null. `DAWN_REQUIRE_DOCKER=1` makes a reason a failure. */
export const noDocker: string | null = probe();

function probe(): string | null {
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], {
      stdio: 'pipe',
      timeout: 10_000,
    });
    execFileSync('docker', ['image', 'inspect', 'busybox'], { stdio: 'pipe', timeout: 10_000 });
    return null;
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? (error as Error).message).trim();
    return said.split('\n').at(-1) ?? 'docker does not answer';
  }
}

/** A test that needs a Docker engine with a busybox image: skipped by name, with the reason, where there is none. */
export function dockerTest(name: string, run: () => Promise<void>): void {
  if (noDocker === null) test(name, run);
  else if (process.env['DAWN_REQUIRE_DOCKER'] === '1') {
    test(name, () => {
      throw new Error(`Docker is required: ${noDocker}`);
    });
  } else test.skip(`${name} (no Docker engine: ${noDocker})`, run);
}

/** Task ids of our containers that run now, by container id. */
export function runningContainers(job: string): Map<string, string> {
  const format = '{{.ID}} {{.Label "dawn.task"}}';
  const text = execFileSync(
    'docker',
    ['ps', '--no-trunc', '--filter', `label=dawn.job=${job}`, '--format', format],
    { encoding: 'utf8' },
  );
  return new Map(
    text.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ') as [string, string]])),
  );
}

/** Of an agent on an engine. */
export function dockerOptions(engine: Engine, agentKey: string, policy: Partial<Policy> = {}): DockerOptions {
  const workDir = '/nowhere';
  const { cpus, memoryBytes } = engine;
  const allowed = { ...NOTHING_MORE, ...policy };
  return { engine, workDir, agentKey, defaultImage: 'busybox', cpus, memoryBytes, policy: allowed };
}
