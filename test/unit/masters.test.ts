import { describe, expect, test } from 'vitest';
import { Masters, parseMasters } from '../../shared/masters.ts';

const named = (text: string): URL[] => parseMasters('--master', text);

/** Asks until a round is over. @param answers by host: where it sends us; nothing: it does not answer */
function round(masters: Masters, answers: Readonly<Record<string, string>> = {}): string[] {
  const asked: string[] = [];
  masters.begin();
  do {
    asked.push(masters.current.host);
  } while (masters.follow(answers[masters.current.host]) || masters.next());
  return asked;
}

test.each([
  ['a', 'http://a:5050/'],
  ['a:80', 'http://a/'],
  ['a:1', 'http://a:1/'],
  ['http://a', 'http://a/'],
  ['https://a:7/master', 'https://a:7/'],
  ['[::1]:9', 'http://[::1]:9/'],
])('%s is the master at %s', (text, url) => {
  expect(named(text).map(String)).toEqual([url]);
});

describe('a round', () => {
  test('asks each that was named, once, and the next begins where this one ended', () => {
    const masters = new Masters(named('a,b,c'));
    expect(round(masters)).toEqual(['a:5050', 'b:5050', 'c:5050']);
    masters.current = new URL('http://b:5050/');
    expect(round(masters)).toEqual(['b:5050', 'a:5050', 'b:5050', 'c:5050']);
  });

  test('goes where it is sent, and not there again when nobody is there', () => {
    const sent = { 'a:5050': '//x:1/master/state', 'b:5050': '//x:1/master/state' };
    expect(round(new Masters(named('a,b')), sent)).toEqual(['a:5050', 'x:1', 'b:5050', 'x:1']);
  });

  test('asks whoever told of a leader that is gone, also where it is the only one that was named', () => {
    const masters = new Masters(named('a'), new URL('http://x:1/'));
    expect(round(masters)).toEqual(['x:1', 'a:5050']);
    expect(round(masters, { 'a:5050': '//y:2/' })).toEqual(['a:5050', 'y:2']);
  });

  test('ends where they send us in circles', () => {
    const circle = { 'a:5050': '//b:5050/', 'b:5050': '//a:5050/' };
    expect(round(new Masters(named('a')), circle).length).toBeLessThan(10);
  });
});

test('what went out encrypted goes to nobody in the open, and nowhere but over HTTP', () => {
  const masters = new Masters(named('https://a'));
  expect(masters.follow('//b/master/state')).toBe(true);
  expect(masters.current.href).toBe('https://b/');
  for (const location of ['http://c/', 'file:///etc/passwd', 'javascript:x', undefined])
    expect(masters.follow(location), location).toBe(false);
  expect(masters.current.href).toBe('https://b/');
});
