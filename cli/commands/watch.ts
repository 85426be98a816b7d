import type { Context } from '../command-line/context.ts';

/** Runs `print` now and after every change of a view, until Ctrl-C. On a terminal each print replaces the one before. */
export async function watchLoop(
  { client, io }: Context,
  view: Readonly<Record<string, string>>,
  print: () => Promise<void>,
): Promise<void> {
  try {
    for await (const message of client.stream('watch', { query: view, signal: io.interrupted })) {
      if (message.type === 'heartbeat') continue;
      if (io.columns !== undefined) io.out('\u001b[H\u001b[J');
      await print();
      if (message.type === 'gone') return;
    }
  } catch (error) {
    if (!io.interrupted.aborted) throw error;
  }
}
