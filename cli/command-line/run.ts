import { Command, CommanderError } from 'commander';
import { VERSION } from '../../shared/version.ts';
import { clusterCommands } from '../commands/cluster.ts';
import { consoleCommand } from '../commands/console.ts';
import { jobCommands } from '../commands/job.ts';
import { localCommands } from '../commands/local.ts';
import { taskCommands } from '../commands/task.ts';
import { updateCommands } from '../commands/update.ts';
import { printError } from '../output/errors.ts';
import type { Io } from './io.ts';
import { processIo } from './io.ts';

const EXIT_USAGE = 5;
const EXAMPLES = `
Examples:
  dawn up                                          a local cluster and its console
  dawn job submit hello.yaml                       create a job, or update it
  dawn job status demo/prod/hello                  its instances
  dawn job why demo/prod/hello                     why instances are not running
  dawn update wait demo/prod/hello                 until the update is over
  dawn job list -o json | jq '.jobs[].key'

Exit codes: 0 done, 1 differences (diff, plan --exit-code), 3 bad job file, 4 failed, 5 bad command, 6 bad parameter or not found,
7 cannot reach the cluster, 8 conflict, 9 timeout, 10 server error, 30 not known or not allowed to, 130 interrupted.`;

/** Parses and runs one command line. Resolves to the exit code; never throws. */
export async function runCommandLine(argv: readonly string[], io: Io = processIo()): Promise<number> {
  let exitCode = 0;
  const program = new Command('dawn')
    .description('Cluster operations from the terminal.')
    .version(VERSION, '-V, --version')
    .option(
      '--cluster <url>',
      'server to talk to; several that stand by for one another with commas (DAWN_CLUSTER; else the local cluster that runs)',
    )
    .option('--credential <file>', 'principal and secret for a cluster that asks (DAWN_CREDENTIAL)')
    .option('--user <name>', 'who you are in the history (default: your login name)')
    .option('--timeout <duration>', 'give up after this long, e.g. 30s or 5m', '30s')
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError()
    .showHelpAfterError('(`--help` shows what it takes)')
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .exitOverride();
  const done = (code: number): void => {
    exitCode = code;
  };
  jobCommands(program, io, done);
  updateCommands(program, io, done);
  taskCommands(program, io, done);
  clusterCommands(program, io, done);
  localCommands(program, io, done);
  consoleCommand(program, io, done);
  inherit(program);
  try {
    const args = argv.length > 0 ? argv : io.interactive ? ['console'] : ['--help'];
    await program.parseAsync(args, { from: 'user' });
    return argv.length === 0 && !io.interactive ? EXIT_USAGE : exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    return printError(error, io, wantsJson(argv));
  }
}

/** Subcommands print and fail as the program does; commander does not pass these settings down by itself. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (arg, at) =>
      arg === '-ojson' ||
      arg === '--output=json' ||
      ((arg === '-o' || arg === '--output') && argv[at + 1] === 'json'),
  );
}
