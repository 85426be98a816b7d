import type { Command } from 'commander';
import { DawnError } from '../../shared/errors.ts';
import { userName } from '../command-line/context.ts';
import type { Io } from '../command-line/io.ts';

interface UpFlags {
  readonly fixture?: string;
  readonly port?: string;
  readonly detach?: boolean;
  readonly keep?: boolean;
}

/** `dawn up`, `dawn down`; `server` and `agent` are here for the help only, cli/main.ts runs them. */
export function localCommands(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('up')
    .description('Start a local cluster, with its console on a terminal')
    .option('--fixture <file>', 'which cluster (default: fixtures/clusters/local.yaml)')
    .option('--port <port>', 'where the server listens')
    .option('--detach', 'return once it runs; `dawn down` ends it')
    .option('--keep', 'leave it running when the console is closed')
    .action(async (flags: UpFlags) => {
      const { up } = await import('../local/up.ts');
      done(
        await up({
          ...(flags.fixture === undefined ? {} : { fixture: flags.fixture }),
          ...(flags.port === undefined ? {} : { port: portOf(flags.port) }),
          detach: flags.detach === true,
          keep: flags.keep === true,
          say: (text) => io.err(`dawn: ${text}\n`),
          out: (line) => io.out(`${line}\n`),
          interactive: io.interactive,
          openConsole: async (url) => {
            const { runConsole } = await import('../console/main.tsx');
            return runConsole({ url, user: userName(), line: 'jobs', env: io.env });
          },
        }),
      );
    });

  program
    .command('down')
    .description('End a local cluster and everything that it runs')
    .option('--name <name>', 'which one', 'local')
    .action(async (flags: { name: string }) => {
      const { down } = await import('../local/down.ts');
      done(await down(flags.name, (text) => io.err(`dawn: ${text}\n`)));
    });

  for (const [part, what] of [
    ['server', 'a server'],
    ['master', 'a Mesos master without a scheduler of its own'],
    ['agent', 'an agent'],
  ] as const) {
    program
      .command(`${part}`)
      .description(`Run ${what} in the foreground (\`dawn ${part} --help\`)`)
      .allowUnknownOption()
      .helpOption(false);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new DawnError({ code: 'invalid_parameter', message: `--port ${text}: 0 to 65535 is wanted` });
}
