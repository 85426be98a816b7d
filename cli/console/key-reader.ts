/**
 * Bytes of a terminal → keys, one event a key: several keys in one chunk, escape sequences split over chunks, pastes as one event, mouse reports and unknown sequences
 * swallowed.
 */
export interface Key {
  /** `j`, `G`, `enter`, `esc`, `ctrl-d`, `up`, `shift-tab`, `f1`, `paste`, … */
  readonly name: string;
  readonly paste?: string;
}

/** A lone Esc is an Esc once nothing followed it for this long (a slow link splits arrows). */
const ESC_MS = 50;
const PASTE_MAX = 64 * 1024;

const LETTERS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};
const NUMBERS: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};
const MODIFIERS = [
  '',
  '',
  'shift-',
  'alt-',
  'alt-shift-',
  'ctrl-',
  'ctrl-shift-',
  'ctrl-alt-',
  'ctrl-alt-shift-',
];
const PASTE_BEGIN = '\u001b[200~';
const PASTE_END = '\u001b[201~';

export class KeyReader {
  private pending = '';
  private paste: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly onKey: (key: Key) => void;

  constructor(onKey: (key: Key) => void) {
    this.onKey = onKey;
  }

  push(chunk: string): void {
    clearTimeout(this.timer);
    this.pending += chunk;
    this.read(false);
    if (this.pending !== '') this.timer = setTimeout(() => this.read(true), ESC_MS);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private read(final: boolean): void {
    while (this.pending !== '') {
      if (this.paste !== undefined) {
        if (!this.readPaste()) return;
      } else if (this.pending.startsWith(PASTE_BEGIN)) {
        this.take(PASTE_BEGIN.length);
        this.paste = '';
      } else if (this.pending[0] !== '\u001b') this.onKey({ name: plainName(this.takeCharacter()) });
      else if (!this.readEscape(final)) return;
    }
  }

  /** False: the end of the paste has not come yet. */
  private readPaste(): boolean {
    const end = this.pending.indexOf(PASTE_END);
    const text = end < 0 ? this.pending : this.pending.slice(0, end);
    this.paste = ((this.paste ?? '') + text).slice(0, PASTE_MAX);
    this.pending = end < 0 ? '' : this.pending.slice(end + PASTE_END.length);
    if (end < 0) return false;
    const paste = this.paste;
    this.paste = undefined;
    this.onKey({ name: 'paste', paste });
    return true;
  }

  /** False: the sequence is not complete; more may come. */
  private readEscape(final: boolean): boolean {
    const text = this.pending;
    const mouse = /^\u001b\[<\d+;\d+;\d+[Mm]/.exec(text);
    const number = /^\u001b\[(\d+)(?:;(\d+))?~/.exec(text);
    const letter = /^\u001b\[(?:1;(\d+))?([A-Z])/.exec(text) ?? /^\u001bO()([A-Z])/.exec(text);
    const report = /^\u001b\[[0-9;?<>=]*[a-zA-Z~]/.exec(text);
    if (mouse) this.take(mouse[0].length);
    else if (number) this.emit(number[0], number[2], NUMBERS[number[1] ?? '']);
    else if (letter) this.emit(letter[0], letter[1], LETTERS[letter[2] ?? '']);
    else if (report) this.take(report[0].length);
    else if (/^\u001b(?:\[[0-9;?<>=]*|O)?$/.test(text)) {
      if (!final) return false;
      this.pending = '';
      this.onKey({ name: 'esc' });
    } else {
      // Nothing is bound to Alt, and a fast Esc followed by a key looks the same: it is taken as those two.
      this.take(1);
      this.onKey({ name: 'esc' });
      this.onKey({ name: plainName(this.takeCharacter()) });
    }
    return true;
  }

  private emit(sequence: string, modifier: string | undefined, name: string | undefined): void {
    this.take(sequence.length);
    if (name !== undefined) this.onKey({ name: (MODIFIERS[Number(modifier || 1)] ?? '') + name });
  }

  private take(length: number): void {
    this.pending = this.pending.slice(length);
  }

  private takeCharacter(): string {
    const character = String.fromCodePoint(this.pending.codePointAt(0) ?? 0);
    this.take(character.length);
    return character;
  }
}

function plainName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === ' ') return 'space';
  if (code === 13 || code === 10) return 'enter';
  if (code === 9) return 'tab';
  if (code === 127 || code === 8) return 'backspace';
  if (code === 0) return 'ctrl-space';
  if (code === 28) return 'ctrl-\\';
  return code < 27 ? `ctrl-${String.fromCharCode(code + 96)}` : character;
}
