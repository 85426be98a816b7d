/**
 * Text from logs, names and messages made safe for a terminal: control characters (C0, C1, so every escape sequence), and the bidirectional overrides that reorder
 * a line, are shown as what they are. Tabs become spaces.
 */
const UNSAFE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function printable(text: string): string {
  return text.replace(/\t/g, '    ').replace(UNSAFE, visible);
}

/** ESC → ␛ (the Unicode control pictures); what has no picture becomes `·`. */
function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '␡' : '·';
}
