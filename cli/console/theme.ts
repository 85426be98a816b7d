/** Colours by meaning, on the 16 of the terminal's own palette, and the glyphs that carry the same meaning without colour. */

export type Token =
  | 'ok'
  | 'moving'
  | 'warn'
  | 'bad'
  | 'idle'
  | 'held'
  | 'accent'
  | 'focus'
  | 'dim'
  | 'bold'
  | 'add'
  | 'del';

export interface Theme {
  paint(token: Token, text: string): string;
  readonly glyphs: Glyphs;
  readonly rule: string;
  readonly ellipsis: string;
}

export interface Glyphs {
  readonly ok: string;
  readonly moving: string;
  readonly warn: string;
  readonly bad: string;
  readonly idle: string;
  readonly held: string;
  readonly mark: string;
  readonly full: string;
  readonly half: string;
  readonly empty: string;
  readonly arrow: string;
}

const UNICODE: Glyphs = {
  ok: '●',
  moving: '▲',
  warn: '!',
  bad: '✖',
  idle: '◌',
  held: '‖',
  mark: '✓',
  full: '█',
  half: '▓',
  empty: '░',
  arrow: '›',
};
const ASCII: Glyphs = {
  ok: '+',
  moving: '^',
  warn: '!',
  bad: 'x',
  idle: '-',
  held: '=',
  mark: '*',
  full: '#',
  half: '+',
  empty: '.',
  arrow: '>',
};

const SGR: Readonly<Record<Token, string>> = {
  ok: '32',
  moving: '36',
  warn: '33',
  bad: '1;31',
  idle: '2',
  held: '35',
  accent: '34',
  focus: '7',
  dim: '2',
  bold: '1',
  add: '32',
  del: '31',
};
/** What stays without colours: weight and inversion. */
const PLAIN: Readonly<Partial<Record<Token, string>>> = { bad: '1', focus: '7', bold: '1' };

/** `colour: 'none'`: not even weight, for text that goes into a file. */
export function makeTheme({
  colour,
  ascii,
}: {
  readonly colour: boolean | 'none';
  readonly ascii: boolean;
}): Theme {
  return {
    paint(token, text) {
      const code = colour === 'none' ? undefined : colour ? SGR[token] : PLAIN[token];
      return code === undefined || text === '' ? text : `\u001b[${code}m${text}\u001b[0m`;
    },
    glyphs: ascii ? ASCII : UNICODE,
    rule: ascii ? '-' : '─',
    ellipsis: ascii ? '~' : '…',
  };
}

/** A terminal that is not told to be UTF-8 gets ASCII. */
export function wantsAscii(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? '';
  return locale !== '' && !/utf-?8/i.test(locale);
}

export function wantsColour(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
