/** People read it in a table: no more of a line than this. */
const CHARACTERS_MAX = 200;

/** What a failed task said last: its last line on stderr that is not empty, else on stdout; undefined when it said nothing. */
export function lastWords(lines: readonly { readonly stream: 'stdout' | 'stderr'; readonly text: string }[]) {
  const said = (stream: 'stdout' | 'stderr'): string | undefined =>
    lines
      .filter((line) => line.stream === stream)
      .map(({ text }) => plain(text))
      .findLast((text) => text !== '');
  return said('stderr') ?? said('stdout');
}

/** `Command exited with status 3`, and what was said: `Command exited with status 3: cannot find my configuration`. */
export function withLastWords(message: string, words: string | undefined): string {
  return words === undefined ? message : `${message}: ${words}`;
}

/** A task's output is not to be trusted: colours and other control characters stay behind. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- removing control characters is the point
  const bare = text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  const characters = [...bare.trim()];
  return characters.length <= CHARACTERS_MAX
    ? characters.join('')
    : `${characters.slice(0, CHARACTERS_MAX - 1).join('')}…`;
}
