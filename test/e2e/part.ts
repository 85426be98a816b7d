import type { ChildProcess } from 'node:child_process';
import type { Dawn } from './dawn.ts';

/** One program of a cluster that is apart. */
export interface Part {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Resolves when it says that it is ready. @throws Error with its last words when it ends before */
export function beginPart(dawn: Dawn, ...args: readonly string[]): Promise<Part> {
  const child = dawn.spawn(...args, '--ready-line');
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

/** Resolves when it is gone. */
export async function endPart(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
