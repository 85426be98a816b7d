/** Where a command reads and writes; tests bring their own. */
export interface Io {
  /** Data only. */
  out(text: string): void;
  /** Progress, plans, questions, errors. */
  err(text: string): void;
  /** A person sits at both ends. */
  readonly interactive: boolean;
  readonly colour: boolean;
  /** Columns of the terminal, or undefined in a pipe. */
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks a question and gives the answer's line. */
  ask(question: string): Promise<string>;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

export function processIo(): Io {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  // A reader that had enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: Boolean(process.stdin.isTTY && process.stdout.isTTY),
    colour:
      Boolean(process.stdout.isTTY) &&
      (process.env['NO_COLOR'] ?? '') === '' &&
      process.env['TERM'] !== 'dumb',
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    env: process.env,
    ask,
    interrupted: controller.signal,
  };
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question);
  } finally {
    reader.close();
  }
}
