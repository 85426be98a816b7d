import type { MediaType } from '../../shared/mesos/wire/codec.ts';

/** JSON first: it wins where both are acceptable, whatever the q-values say. */
const MEDIA_TYPES: readonly MediaType[] = ['application/json', 'application/x-protobuf'];

export const CONTENT_TYPE_PROBLEM = "Expecting 'Content-Type' of application/json or application/x-protobuf";
export const ACCEPT_PROBLEM = "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'";

/** Mesos takes a type to the letter: no parameters, no capitals. */
export function mediaTypeOf(contentType: string): MediaType | undefined {
  return MEDIA_TYPES.find((type) => type === contentType);
}

/** What an answer may be written in; undefined when `Accept` allows neither. Absent, it allows everything; only `q=0` excludes. */
export function acceptedType(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept.trim() === '') return MEDIA_TYPES[0];
  const ranges = accept.split(',').map(readRange);
  return MEDIA_TYPES.find((type) => {
    const wide = ['*/*', 'application/*', type];
    const rejected = ranges.some(({ range, excluded }) => excluded && range === type);
    return !rejected && ranges.some(({ range, excluded }) => !excluded && wide.includes(range));
  });
}

function readRange(text: string): { readonly range: string; readonly excluded: boolean } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim());
  return { range, excluded: parameters.some((each) => /^q\s*=\s*0(\.0*)?$/.test(each)) };
}
