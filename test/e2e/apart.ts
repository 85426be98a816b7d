import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Dawn } from './dawn.ts';
import { type Part, beginPart, endPart } from './part.ts';

const AGENTS = ['agent-1', 'agent-2', 'agent-3'] as const;

/** A cluster of three programs: `dawn master`, agents of it, and a server that is a framework of it (`dawn server --mesos-master`). */
export class Apart {
  private readonly dawn: Dawn;
  private readonly encoding: string;
  private readonly parts: ChildProcess[] = [];
  private master: Part | undefined;

  constructor(dawn: Dawn, encoding: 'json' | 'protobuf') {
    this.dawn = dawn;
    this.encoding = encoding;
  }

  async start(): Promise<void> {
    const { home } = this.dawn;
    this.master = await this.begin('master', '--port=0', `--work_dir=${join(home, 'master')}`);
    const { url } = this.master;
    await Promise.all(
      AGENTS.map((name) =>
        this.begin(
          'agent',
          `--master=${url}`,
          `--hostname=${name}`,
          `--work_dir=${join(home, name)}`,
          '--containerizers=mesos',
          '--kill-on-exit',
        ),
      ),
    );
    const server = await this.begin(
      'server',
      '--port=0',
      `--work_dir=${join(home, 'server')}`,
      `--mesos-master=${url}`,
      `--mesos-encoding=${this.encoding}`,
    );
    this.dawn.use(server.url);
  }

  /** SIGKILL, and the same master again at the same place. */
  async restartMaster(): Promise<void> {
    const { port } = new URL(this.master?.url ?? '');
    const gone = new Promise((resolve) => this.master?.child.once('exit', resolve));
    this.master?.child.kill('SIGKILL');
    await gone;
    this.master = await this.begin(
      'master',
      `--port=${port}`,
      `--work_dir=${join(this.dawn.home, 'master')}`,
    );
  }

  /** Agents end their tasks; the master goes last. */
  async close(): Promise<void> {
    for (const child of [...this.parts].reverse()) await endPart(child, 'SIGTERM');
  }

  private async begin(...args: readonly string[]): Promise<Part> {
    const part = await beginPart(this.dawn, ...args);
    this.parts.push(part.child);
    return part;
  }
}
