export interface ConsoleOptions {
  readonly url: string;
  readonly user: string;
  readonly line: string;
  readonly readOnly?: boolean;
  readonly ascii?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}
export function runConsole(_options: ConsoleOptions): Promise<number> {
  return Promise.reject(new Error('the console is being built'));
}
export function snapshot(_options: ConsoleOptions & { columns: number; rows: number }): Promise<string> {
  return Promise.reject(new Error('the console is being built'));
}
