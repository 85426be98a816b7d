import type { Command } from 'commander';
import type { UpdateView } from '../../shared/api/views.ts';
import { DawnError } from '../../shared/errors.ts';
import type { UpdateId } from '../../shared/ids.ts';
import type { UpdateCommand } from '../../shared/update-states.ts';
import { act, actOptions } from '../act/act.ts';
import { submitFile } from '../act/submit-file.ts';
import { waitForUpdate } from '../act/wait.ts';
import type { Context } from '../command-line/context.ts';
import { contextOf, keyArgument } from '../command-line/context.ts';
import type { Io } from '../command-line/io.ts';
import { outputOptions, print } from '../command-line/output.ts';
import type { Column } from '../output/table.ts';
import { age } from '../output/units.ts';
import { describeUpdate } from '../output/describe-update.ts';

const VERBS: Readonly<Record<UpdateCommand, string>> = {
  pause: 'Stop starting new instances; what runs goes on',
  resume: 'Go on with a paused update',
  abort: 'End the update where it is; nothing is undone',
  rollback: 'Put back the configuration that it replaced',
};

const COLUMNS: readonly Column<UpdateView>[] = [
  { title: 'JOB', cell: (update) => update.job },
  { title: 'UPDATE', cell: (update) => update.id },
  { title: 'STATUS', cell: (update) => update.status },
  { title: 'DONE', cell: (update) => `${update.done}/${update.total}`, align: 'right' },
  { title: 'FAILED', cell: (update) => String(update.failed), align: 'right' },
  { title: 'BY', cell: (update) => update.user },
  { title: 'STARTED', cell: (update) => `${age(update.createdAt, Date.now())} ago` },
  { title: 'MESSAGE', cell: (update) => update.message ?? '', wide: true },
];

/** `dawn update …`. */
export function updateCommands(program: Command, io: Io, done: (code: number) => void): void {
  const update = program
    .command('update')
    .description('Rolling updates: watch, pause, resume, abort, roll back');

  outputOptions(
    update.command('list [key]').description('Updates, newest first; of one job when a key is given'),
  )
    .option('--status <status>', 'only updates in this status, e.g. ROLLING_FORWARD, or `active`')
    .action(async (key: string | undefined, options: { status?: string }, command: Command) => {
      const { client } = contextOf(command, io);
      const query = {
        ...(key === undefined ? {} : { job: keyArgument(key) }),
        ...(options.status === undefined ? {} : { status: options.status }),
      };
      const answer = await client.call('update.list', { query });
      await print(command, io, {
        data: answer,
        rows: answer.updates,
        columns: COLUMNS,
        name: (row) => row.id,
        empty: 'no updates',
      });
    });

  outputOptions(
    update.command('status <key-or-id>').description('An update with its instances and events'),
  ).action(async (which: string, _options: unknown, command: Command) => {
    const context = contextOf(command, io);
    const view = await findUpdate(context, which);
    const { output } = command.opts<{ output: string }>();
    if (output === 'table' || output === 'wide') io.out(describeUpdate(view, Date.now()));
    else
      await print(command, io, {
        data: view,
        rows: [view],
        columns: COLUMNS,
        name: (row) => row.id,
        empty: '',
      });
  });

  actOptions(
    update.command('start <file>').description('Start an update of a job that exists (as `job submit` does)'),
  ).action(async (file: string, _options: unknown, command: Command) =>
    done(await submitFile(contextOf(command, io), command, file, { mustExist: true })),
  );

  for (const [verb, description] of Object.entries(VERBS) as [UpdateCommand, string][]) {
    actOptions(update.command(`${verb} <key>`).description(description))
      .option('--id <update>', 'only if this is the update that runs')
      .action(async (key: string, options: { id?: string; message?: string }, command: Command) =>
        done(
          await act(contextOf(command, io), command, {
            kind: 'update.command',
            command: verb,
            key: keyArgument(key),
            ...(options.id === undefined ? {} : { update: options.id as UpdateId }),
            ...(options.message === undefined ? {} : { message: options.message }),
          }),
        ),
      );
  }

  update
    .command('wait <key-or-id>')
    .description('Wait until an update is over: exit 0 rolled forward, 4 rolled back or failed, 9 timeout')
    .option('--for <duration>', 'give up after this long', '30m')
    .action(async (which: string, options: { for: string }, command: Command) => {
      const context = contextOf(command, io);
      const view = await findUpdate(context, which);
      done(await waitForUpdate(context, view.id, options.for));
    });
}

/** By id, or the newest update of a job. */
async function findUpdate({ client }: Context, which: string): Promise<UpdateView> {
  if (!which.includes('/')) return client.call('update.status', { params: { id: which } });
  const key = keyArgument(which);
  const { updates } = await client.call('update.list', { query: { job: key } });
  const [newest] = updates;
  if (newest) return newest;
  throw new DawnError({
    code: 'not_found',
    message: `${key} has had no update`,
    hint: `see \`dawn job history ${key}\``,
  });
}
