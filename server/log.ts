/** One line of JSON per event on stderr: time, part, message, detail. */
export function logger(part: string): (message: string, detail?: Readonly<Record<string, unknown>>) => void {
  return (message, detail = {}) => {
    process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), part, message, ...detail })}\n`);
  };
}
