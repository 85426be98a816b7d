import type { Command } from 'commander';
import { DawnError } from '../../shared/errors.ts';
import { type GlobalOptions, authorizationOf, clusterUrl, userName } from '../command-line/context.ts';
import type { Io } from '../command-line/io.ts';

interface ConsoleFlags {
  readonly command: string;
  readonly readOnly?: boolean;
  readonly ascii?: boolean;
  readonly snapshot?: boolean;
  readonly size: string;
}

/** `dawn console`. Its code is loaded here and nowhere else. */
export function consoleCommand(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('console')
    .description('The interactive console (what `dawn` alone opens on a terminal)')
    .option('-c, --command <line>', 'where to begin: jobs, hosts, `job KEY`, `logs KEY`, `why KEY`', 'jobs')
    .option('--read-only', 'look, but change nothing')
    .option('--ascii', 'no characters beyond ASCII')
    .option('--snapshot', 'print one frame and stop; needs no terminal')
    .option('--size <columns>x<rows>', 'of a snapshot', '100x30')
    .action(async (flags: ConsoleFlags, command: Command) => {
      const global = command.optsWithGlobals<GlobalOptions>();
      const options = {
        url: clusterUrl(global.cluster ?? io.env['DAWN_CLUSTER']),
        user: global.user ?? userName(),
        authorization: authorizationOf(global, io),
        line: flags.command,
        readOnly: flags.readOnly === true,
        ascii: flags.ascii === true,
        env: io.env,
      };
      const console = await import('../console/main.tsx');
      if (flags.snapshot === true) {
        io.out(`${await console.snapshot({ ...options, ...sizeOf(flags.size) })}\n`);
        return;
      }
      if (!io.interactive)
        throw new DawnError({
          code: 'invalid_command',
          message: 'the console needs a terminal',
          hint: 'in a pipe, use the commands (`dawn --help`), or `dawn console --snapshot`',
        });
      done(await console.runConsole(options));
    });
}

function sizeOf(text: string): { columns: number; rows: number } {
  const match = /^(\d{2,4})x(\d{1,4})$/.exec(text);
  if (match) return { columns: Number(match[1]), rows: Number(match[2]) };
  throw new DawnError({ code: 'invalid_parameter', message: `--size ${text}`, hint: 'write it as 100x30' });
}
