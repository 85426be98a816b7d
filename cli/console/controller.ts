import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobParams } from '../../shared/api/command-route.ts';
import type { Command } from '../../shared/command.ts';
import type { JobKey } from '../../shared/ids.ts';
import type { Client } from '../client.ts';
import type { Effect, Message } from './messages.ts';
import type { Place } from './place.ts';
import { watchPlace } from './watch-place.ts';

/** The terminal as far as effects need it. */
export interface Screen {
  run(command: string, args: readonly string[]): number | null;
  suspend(): void;
  copy(text: string): void;
  redraw(): void;
}

/** Everything the console does outside of itself: watches, plans, acts, edits. Results come back as messages. */
export class Controller {
  private readonly client: Client;
  private readonly screen: Screen;
  private readonly dispatch: (message: Message) => void;
  private readonly editor: string;
  private readonly role: string;
  private watching: AbortController | undefined;
  private readonly home = new AbortController();

  constructor(parts: {
    client: Client;
    screen: Screen;
    dispatch: (message: Message) => void;
    editor: string;
    role: string;
  }) {
    this.client = parts.client;
    this.screen = parts.screen;
    this.dispatch = parts.dispatch;
    this.editor = parts.editor;
    this.role = parts.role;
  }

  /** The jobs are watched for as long as the console is open. */
  start(place: Place): void {
    void watchPlace(this.client, { kind: 'jobs' }, this.home.signal, this.dispatch);
    this.open(place);
  }

  stop(): void {
    this.home.abort();
    this.watching?.abort();
  }

  perform(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        return this.open(effect.place);
      case 'plan':
        return this.try(async () =>
          this.dispatch({
            kind: 'planned',
            command: effect.command,
            plan: await this.client.call('job.plan', { body: { command: effect.command } }),
          }),
        );
      case 'act':
        return this.try(async () =>
          this.dispatch({
            kind: 'acted',
            done: await this.client.act(
              effect.command,
              effect.command.kind === 'job.submit' ? effect.planId : undefined,
            ),
          }),
        );
      case 'edit':
        return this.try(() => this.edit(effect.key as JobKey));
      case 'submit':
        return this.try(() => this.submit(effect.path));
      case 'copy':
        return this.screen.copy(effect.text);
      case 'redraw':
        return this.screen.redraw();
      case 'suspend':
        return this.screen.suspend();
      case 'quit':
        return;
    }
  }

  private open(place: Place): void {
    this.watching?.abort();
    if (place.kind === 'jobs' || place.kind === 'help' || place.kind === 'messages') return;
    this.watching = new AbortController();
    void watchPlace(this.client, place, this.watching.signal, this.dispatch);
  }

  /** The job as a file in the person's editor; what comes back is checked, and planned when it is good. A file with mistakes can be edited again. */
  private async edit(key: JobKey): Promise<void> {
    const { config, row, updateSettings } = await this.client.call('job.status', { params: jobParams(key) });
    const { jobToYaml } = await import('../../shared/job/to-yaml.ts');
    const directory = mkdtempSync(join(tmpdir(), 'dawn-edit-'));
    const file = join(directory, `${key.split('/').at(-1) ?? 'job'}.yaml`);
    const before = jobToYaml({
      key,
      instances: Math.max(1, row.instances),
      task: config,
      update: updateSettings,
    });
    let text = before;
    try {
      for (;;) {
        writeFileSync(file, text, { mode: 0o600 });
        const status = this.screen.run('/bin/sh', ['-c', `${this.editor} "$1"`, 'sh', file]);
        text = readFileSync(file, 'utf8');
        if (status !== 0 || withoutComments(text) === before)
          return this.dispatch({ kind: 'say', text: 'edited nothing; nothing was changed', bad: false });
        const problems = await this.proposeText(text, file);
        if (problems === null) return;
        text = `${problems.map((line) => `# ${line}\n`).join('')}${withoutComments(text)}`;
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  private async submit(path: string): Promise<void> {
    const { readJobFile } = await import('../read-file.ts');
    const problems = await this.proposeText(await readJobFile(path), path);
    if (problems !== null) for (const text of problems) this.dispatch({ kind: 'say', text, bad: true });
  }

  /** Null: the first job of the file is being planned. */
  private async proposeText(text: string | Uint8Array, file: string): Promise<string[] | null> {
    const { loadJobs, formatProblem } = await import('../../shared/job/load.ts');
    const loaded = loadJobs(text, { file, defaultRole: this.role });
    if (!loaded.ok) return loaded.problems.map(formatProblem);
    const [job, ...more] = loaded.jobs;
    if (!job) return [`${file} has no job`];
    const command: Command = { kind: 'job.submit', job };
    this.dispatch({ kind: 'propose', command, file });
    if (more.length > 0)
      this.dispatch({
        kind: 'say',
        text: `${file} has ${more.length} more jobs; \`dawn job submit\` takes them all`,
        bad: false,
      });
    return null;
  }

  private try(run: () => Promise<void>): void {
    run().catch((error: unknown) => {
      const { message, hint } = error as { message: string; hint?: string };
      this.dispatch({ kind: 'say', text: `${message}${hint === undefined ? '' : `; ${hint}`}`, bad: true });
    });
  }
}

function withoutComments(text: string): string {
  return text.replace(/^# .*\n/gm, '');
}
