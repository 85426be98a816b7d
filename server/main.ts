/** `dawn server` and `dawn master`: flags in, a process that runs until a signal ends it. */
import { DawnError, ERRORS } from '../shared/errors.ts';
import { VERSION } from '../shared/version.ts';
import { helpText } from './flags/help.ts';
import { MASTER_FLAGS } from './flags/master-flags.ts';
import { MASTER_REPLACED } from './flags/master-replaced.ts';
import { parseFlags } from './flags/parse.ts';
import { SERVER_FLAGS } from './flags/server-flags.ts';
import { masterOptions, serverOptions } from './options.ts';
import { startMaster, startServer } from './run-server.ts';
import type { RunningServer } from './stand.ts';

/** `dawn server`. */
export async function serverMain(argv: readonly string[]): Promise<void> {
  await run('server', async () => {
    const { values } = parseFlags(SERVER_FLAGS, argv, process.env, MASTER_REPLACED);
    if (values.help) return helpText('dawn server [flags]', SERVER_FLAGS);
    return { server: await startServer(serverOptions(values)), readyLine: values.ready_line };
  });
}

/** `dawn master`. */
export async function masterMain(argv: readonly string[]): Promise<void> {
  await run('master', async () => {
    const { values } = parseFlags(MASTER_FLAGS, argv, process.env, MASTER_REPLACED);
    if (values.help) return helpText('dawn master [flags]', MASTER_FLAGS);
    return { server: await startMaster(masterOptions(values)), readyLine: values.ready_line };
  });
}

type Started = { readonly server: RunningServer; readonly readyLine: boolean } | string;

/** Until a signal ends it; what `start` returns as text is printed instead. */
async function run(program: string, start: () => Promise<Started>): Promise<void> {
  try {
    const started = await start();
    if (typeof started === 'string') return void process.stdout.write(started);
    const { server, readyLine } = started;
    process.stdout.write(
      readyLine
        ? `${JSON.stringify({ ready: true, url: server.url, leads: server.leads })}\n`
        : `dawn ${program} ${VERSION} at ${server.url}${server.leads ? '' : ', standing by'}\n`,
    );
    let closing = false;
    const stop = (): void => {
      if (closing) return;
      closing = true;
      void server.close().then(() => process.exit(0));
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  const known = error instanceof DawnError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${message}${known && error.hint !== undefined ? `; ${error.hint}` : ''}\n`);
  process.exit(known ? ERRORS[error.code].exit : 1);
}
