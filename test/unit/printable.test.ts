import { expect, test } from 'vitest';
import { printable } from '../../cli/output/printable.ts';

test.each([
  ['plain text, ümlauts, 日本', 'plain text, ümlauts, 日本'],
  ['\x1b]0;PWNED\x07', '␛]0;PWNED␇'],
  ['\x1b[2J\x1b[1;1H', '␛[2J␛[1;1H'],
  ['a\rb', 'a␍b'],
  ['\x9b31m', '·31m'],
  ['\u202Eevil', '·evil'],
  ['a\tb', 'a    b'],
  ['nul\0', 'nul␀'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});
