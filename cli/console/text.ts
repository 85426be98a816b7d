import stringWidth from 'string-width';
import { printable } from '../output/printable.ts';

/** ASCII, the dots, dashes and arrows that the console draws with, boxes, blocks and shapes: one cell each. */
const ONE_CELL_EACH = /^[\u0020-\u007e\u00b7\u2013\u2014\u2026\u2190-\u2193\u2500-\u25cf]*$/;

/** Width on screen; what is plain needs no tables. */
export function width(text: string): number {
  return ONE_CELL_EACH.test(text) ? text.length : stringWidth(text);
}

/** The text in exactly `columns` cells: cut with an ellipsis, or padded. Control characters are made visible first. */
export function fit(text: string, columns: number, align: 'left' | 'right' = 'left', ellipsis = '…'): string {
  if (columns <= 0) return '';
  const safe = printable(text);
  const cells = width(safe);
  if (cells <= columns)
    return align === 'right' ? ' '.repeat(columns - cells) + safe : safe + ' '.repeat(columns - cells);
  const kept = cut(safe, columns - 1);
  return kept + ellipsis + ' '.repeat(Math.max(0, columns - 1 - width(kept)));
}

/** As much of the text as fits into `columns` cells. */
export function cut(text: string, columns: number): string {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.slice(0, Math.max(0, columns));
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += width(character);
    if (used > columns) break;
    kept += character;
  }
  return kept;
}

/** Splits into pieces of at most `columns` cells; at least one. */
export function wrap(text: string, columns: number): string[] {
  const pieces: string[] = [];
  let rest = printable(text);
  while (width(rest) > columns) {
    const piece = cut(rest, columns);
    // Not even one character fits.
    if (piece === '') break;
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  pieces.push(rest);
  return pieces;
}
