import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Dawn } from './dawn.ts';

const AGENTS = ['agent-1', 'agent-2', 'agent-3'] as const;

interface Part {
  readonly child: ChildProcess;
  readonly url: string;
}

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
    for (const child of [...this.parts].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
  }

  private begin(...args: readonly string[]): Promise<Part> {
    const child = this.dawn.spawn(...args, '--ready-line');
    this.parts.push(child);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
    return new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}: ${said}`)));
      let out = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        if (!out.includes('\n')) return;
        const { url = '' } = JSON.parse(out) as { url?: string };
        resolve({ child, url });
      });
    });
  }
}
